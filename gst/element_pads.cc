// Children are found by the element's own table of pads.
#include "element_pads.h"

#include "gst_ref.h"
#include "src_pad.h"

namespace sfu::gst {
namespace {

guint ChildCount(GstChildProxy* proxy) {
  GST_OBJECT_LOCK(proxy);
  const guint count = GST_ELEMENT_CAST(proxy)->numpads;
  GST_OBJECT_UNLOCK(proxy);
  return count;
}

GObject* ChildByIndex(GstChildProxy* proxy, guint index) {
  GST_OBJECT_LOCK(proxy);
  auto* child = static_cast<GObject*>(g_list_nth_data(GST_ELEMENT_CAST(proxy)->pads, index));
  if (child != nullptr) g_object_ref(child);
  GST_OBJECT_UNLOCK(proxy);
  return child;
}

GObject* ChildByName(GstChildProxy* proxy, const gchar* name) {
  GstPad* pad = gst_element_get_static_pad(GST_ELEMENT_CAST(proxy), name);
  return G_OBJECT(pad);
}

ElementRef Toplevel(GstElement* element) {
  GstObject* top = GST_OBJECT_CAST(gst_object_ref(element));
  while (GstObject* parent = gst_object_get_parent(top)) {
    gst_object_unref(top);
    top = parent;
  }
  return ElementRef::Adopt(GST_ELEMENT_CAST(top));
}

}  // namespace

void PadChildProxyInit(gpointer iface, gpointer) {
  auto* proxy = static_cast<GstChildProxyInterface*>(iface);
  proxy->get_children_count = ChildCount;
  proxy->get_child_by_index = ChildByIndex;
  proxy->get_child_by_name = ChildByName;
}

void AddPadTemplate(GstElementClass* klass, const char* name, GstPadDirection direction, GType type,
                    const char* caps_text, GstPadPresence presence) {
  const auto caps = CapsRef::Adopt(gst_caps_from_string(caps_text));
  gst_element_class_add_pad_template(
      klass, gst_pad_template_new_with_gtype(name, direction, presence, caps.get(), type));
  gst_type_mark_as_plugin_api(type, static_cast<GstPluginAPIFlags>(0));
}

void AddElementPad(GstElement* element, GstPad* pad) {
  GST_OBJECT_LOCK(element);
  const bool running =
      GST_STATE(element) > GST_STATE_READY || GST_STATE_NEXT(element) == GST_STATE_PAUSED;
  GST_OBJECT_UNLOCK(element);
  if (running) gst_pad_set_active(pad, TRUE);
  gst_element_add_pad(element, pad);
  gst_child_proxy_child_added(GST_CHILD_PROXY(element), G_OBJECT(pad), GST_OBJECT_NAME(pad));
}

void RemoveElementPad(GstElement* element, GstPad* pad) {
  const PadRef keep(pad);
  gst_element_remove_pad(element, pad);
  // A change of states may have activated it again, as long as it was the element's, and may yet
  // try to. Nobody would deactivate it then, and its branch would keep it for ever.
  if (IsSrcPad(pad)) PortOf(GST_SFU_SRC_PAD(pad)).Retire();
  gst_pad_set_active(pad, FALSE);
  gst_child_proxy_child_removed(GST_CHILD_PROXY(element), G_OBJECT(pad), GST_OBJECT_NAME(pad));
}

void NotifyLater(GstPad* pad, const char* property) {
  struct Call {
    PadRef pad;
    const char* property;
  };
  const auto element = ElementRef::Adopt(gst_pad_get_parent_element(pad));
  if (!element) return;
  gst_element_call_async(
      element.get(),
      [](GstElement*, gpointer data) {
        const auto* call = static_cast<Call*>(data);
        g_object_notify(G_OBJECT(call->pad.get()), call->property);
      },
      new Call{PadRef(pad), property}, [](gpointer data) { delete static_cast<Call*>(data); });
}

bool SamePipeline(GstElement* a, GstElement* b) { return Toplevel(a).get() == Toplevel(b).get(); }

}  // namespace sfu::gst
