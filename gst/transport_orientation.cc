// Tells the application how a sender holds its camera (mediasoup's videoorientationchange). A plain
// branch learns it by a tag, in order with its packets: see foreign_branch.cc.
#include <optional>
#include <string>
#include <utility>

#include "transport_element.h"

namespace sfu::gst {
namespace {

GstStructure* NewOrientation(const std::string& pad, const VideoOrientation& orientation) {
  return gst_structure_new("sfu-video-orientation", "pad", G_TYPE_STRING, pad.c_str(), "rotation",
                           G_TYPE_UINT, guint{orientation.rotation}, "flip", G_TYPE_BOOLEAN,
                           static_cast<gboolean>(orientation.flip), "back-camera", G_TYPE_BOOLEAN,
                           static_cast<gboolean>(orientation.back_camera), nullptr);
}

}  // namespace

void TransportElement::WatchOrientation(GstSfuReceiverPad* pad) {
  // All encodings are of one camera: the first that says something new is heard.
  for (RtpReceiver* receiver : pad->state->receivers) {
    receiver->SetOrientationListener([this, pad](const VideoOrientation& orientation) {
      if (std::exchange(pad->state->told_orientation, orientation) == orientation) return;
      messages_.Add([this, name = std::string(GST_PAD_NAME(pad)), orientation] {
        gst_element_post_message(
            element_,
            gst_message_new_element(GST_OBJECT_CAST(element_), NewOrientation(name, orientation)));
      });
    });
  }
}

}  // namespace sfu::gst
