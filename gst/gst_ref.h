// Owning handles for GStreamer's counted objects, so that C++ code holds and passes them on without
// calls of ref and unref.
#pragma once

#include <gst/gst.h>

#include <utility>

namespace sfu::gst {

// A counted reference to a GstObject (pad, element, clock …).
template <typename T>
class ObjectRef {
 public:
  ObjectRef() = default;
  // Takes a reference of its own.
  explicit ObjectRef(T* object) : object_(object) {
    if (object_ != nullptr) gst_object_ref(object_);
  }
  // Takes over the caller's reference.
  static ObjectRef Adopt(T* object) {
    ObjectRef ref;
    ref.object_ = object;
    return ref;
  }
  ObjectRef(const ObjectRef& other) : ObjectRef(other.object_) {}
  ObjectRef(ObjectRef&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  ObjectRef& operator=(ObjectRef other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~ObjectRef() {
    if (object_ != nullptr) gst_object_unref(object_);
  }
  T* get() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  T* object_ = nullptr;
};

// A counted reference to a GstMiniObject (caps, event, buffer …).
template <typename T>
class MiniRef {
 public:
  MiniRef() = default;
  explicit MiniRef(T* object) : object_(object) {
    if (object_ != nullptr) gst_mini_object_ref(GST_MINI_OBJECT_CAST(object_));
  }
  static MiniRef Adopt(T* object) {
    MiniRef ref;
    ref.object_ = object;
    return ref;
  }
  MiniRef(const MiniRef& other) : MiniRef(other.object_) {}
  MiniRef(MiniRef&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  MiniRef& operator=(MiniRef other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~MiniRef() {
    if (object_ != nullptr) gst_mini_object_unref(GST_MINI_OBJECT_CAST(object_));
  }
  T* get() const { return object_; }
  // Gives the reference to the caller.
  T* release() { return std::exchange(object_, nullptr); }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  T* object_ = nullptr;
};

using PadRef = ObjectRef<GstPad>;
using ElementRef = ObjectRef<GstElement>;
using CapsRef = MiniRef<GstCaps>;
using EventRef = MiniRef<GstEvent>;
using BufferRef = MiniRef<GstBuffer>;

}  // namespace sfu::gst
