// The one pipeline that all rooms are in. Elements come and go while it plays. Everything here is
// for the thread of the main loop.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>

namespace room {

// Holds one reference.
struct GstUnref {
  void operator()(gpointer object) const { gst_object_unref(object); }
};
template <typename T>
using GstPtr = std::unique_ptr<T, GstUnref>;

// Throws std::runtime_error unless there are factories of all these names.
void RequireElements(std::initializer_list<const char*> factories);

class Pipeline {
 public:
  // Hears an element message of one element: its structure.
  using OnMessage = std::function<void(const GstStructure&)>;

  // An element that is in the pipeline as long as this lives.
  class Element {
   public:
    Element(Pipeline* pipeline, GstPtr<GstElement> element);
    Element(const Element&) = delete;
    Element& operator=(const Element&) = delete;
    ~Element();
    GstElement* get() const { return element_.get(); }

   private:
    Pipeline* const pipeline_;
    const GstPtr<GstElement> element_;
  };

  Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  // All elements must have gone.
  ~Pipeline();

  // Adds an element of that factory. `configure` sets its properties before it starts. Throws
  // std::runtime_error if it does not start.
  std::unique_ptr<Element> Add(const char* factory,
                               const std::function<void(GstElement*)>& configure,
                               OnMessage on_message = {});

 private:
  void Hear(GstMessage* message);

  const GstPtr<GstElement> pipeline_;
  guint watch_ = 0;
  std::map<GstObject*, OnMessage> listeners_;
};

}  // namespace room
