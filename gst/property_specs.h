// Short forms for installing GObject properties, and for reading their values.
#pragma once

#include <gst/gst.h>

#include <string>

namespace sfu::gst {

// May be set while the element is in READY or below, or at any time.
inline constexpr auto kSettable =
    static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
inline constexpr auto kSettableAtAnyTime = static_cast<GParamFlags>(
    G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
inline constexpr auto kReadable =
    static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

// All texts are literals.
inline void InstallPort(GObjectClass* klass, guint id, const char* name, const char* nick,
                        const char* blurb, GParamFlags flags = kSettable) {
  g_object_class_install_property(klass, id,
                                  g_param_spec_uint(name, nick, blurb, 0, 65'535, 0, flags));
}

inline void InstallText(GObjectClass* klass, guint id, const char* name, const char* nick,
                        const char* blurb, const char* initial, GParamFlags flags = kSettable) {
  g_object_class_install_property(klass, id,
                                  g_param_spec_string(name, nick, blurb, initial, flags));
}

inline void InstallSwitch(GObjectClass* klass, guint id, const char* name, const char* nick,
                          const char* blurb, bool initial, GParamFlags flags = kSettable) {
  g_object_class_install_property(
      klass, id, g_param_spec_boolean(name, nick, blurb, initial ? TRUE : FALSE, flags));
}

// A structure with counts, which is made when it is asked for.
inline void InstallStats(GObjectClass* klass, guint id, const char* blurb) {
  g_object_class_install_property(
      klass, id, g_param_spec_boxed("stats", "Statistics", blurb, GST_TYPE_STRUCTURE, kReadable));
}

// The bytes that the kernel may hold for a socket.
inline void InstallBufferSize(GObjectClass* klass, guint id, const char* name, const char* nick,
                              int by_default = 0) {
  g_object_class_install_property(
      klass, id,
      g_param_spec_int(name, nick,
                       "Bytes that the kernel may hold for a socket. 0: the system's default", 0,
                       G_MAXINT, by_default, kSettable));
}

// "" for NULL.
inline std::string TextOf(const GValue* value) {
  const char* text = g_value_get_string(value);
  return text == nullptr ? "" : text;
}

}  // namespace sfu::gst
