// GStreamer's webrtcbin as a peer: offers and answers as text.
#pragma once

#define GST_USE_UNSTABLE_API
#include <gst/sdp/sdp.h>
#include <gst/webrtc/webrtc.h>

#include <string>

namespace sfu::test {

class WebRtcBinPeer {
 public:
  // `bin` is a webrtcbin, of which this takes a reference.
  explicit WebRtcBinPeer(GstElement* bin) : bin_(GST_ELEMENT(gst_object_ref(bin))) {
    GstObject* agent = nullptr;
    g_object_get(bin_, "ice-agent", &agent, nullptr);
    gboolean added = FALSE;
    g_signal_emit_by_name(agent, "add-local-ip-address", "127.0.0.1", &added);
    gst_object_unref(agent);
  }
  ~WebRtcBinPeer() { gst_object_unref(bin_); }
  WebRtcBinPeer(const WebRtcBinPeer&) = delete;
  WebRtcBinPeer& operator=(const WebRtcBinPeer&) = delete;

  GstElement* bin() const { return bin_; }

  // Wants to get this.
  void Receive(const char* caps) {
    GstCaps* wanted = gst_caps_from_string(caps);
    GstWebRTCRTPTransceiver* transceiver = nullptr;
    g_signal_emit_by_name(bin_, "add-transceiver", GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY,
                          wanted, &transceiver);
    gst_caps_unref(wanted);
    g_object_set(transceiver, "do-nack", TRUE, nullptr);
    gst_object_unref(transceiver);
  }
  // Retransmits what its first pad sends. (With RTX for all it gives one payload type twice.)
  void OfferRtx() {
    GstWebRTCRTPTransceiver* transceiver = nullptr;
    g_signal_emit_by_name(bin_, "get-transceiver", 0, &transceiver);
    g_object_set(transceiver, "do-nack", TRUE, nullptr);
    gst_object_unref(transceiver);
  }

  // Empty: it could make none.
  std::string MakeOffer() {
    GstPromise* promise = gst_promise_new();
    g_signal_emit_by_name(bin_, "create-offer", nullptr, promise);
    GstWebRTCSessionDescription* offer = nullptr;
    if (gst_promise_wait(promise) == GST_PROMISE_RESULT_REPLIED) {
      gst_structure_get(gst_promise_get_reply(promise), "offer",
                        GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &offer, nullptr);
    }
    gst_promise_unref(promise);
    if (offer == nullptr) return {};
    gchar* text = gst_sdp_message_as_text(offer->sdp);
    std::string sdp = text;
    g_free(text);
    Emit("set-local-description", offer);
    return sdp;
  }

  // False: that is no SDP.
  bool TakeAnswer(const std::string& text) {
    GstSDPMessage* sdp = nullptr;
    if (gst_sdp_message_new_from_text(text.c_str(), &sdp) != GST_SDP_OK) return false;
    Emit("set-remote-description",
         gst_webrtc_session_description_new(GST_WEBRTC_SDP_TYPE_ANSWER, sdp));
    return true;
  }

 private:
  void Emit(const char* signal, GstWebRTCSessionDescription* description) {
    GstPromise* promise = gst_promise_new();
    g_signal_emit_by_name(bin_, signal, description, promise);
    gst_promise_wait(promise);
    gst_promise_unref(promise);
    gst_webrtc_session_description_free(description);
  }

  GstElement* const bin_;
};

}  // namespace sfu::test
