#include "mixer.h"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "grid.h"
#include "track_codec.h"

namespace room {
namespace {

constexpr int64_t kNanosPerMilli = 1'000'000;
// A picture that stands for longer is gone: a camera that is switched off, or a peer that dropped
// out.
constexpr guint64 kStandStill = 2 * GST_SECOND;

// A gap from so many nanoseconds on is one, and at once: browsers send nothing during a silence.
// By default the mixer believes in none before a second has passed, and takes what follows it for
// the sound right behind what came before.
constexpr char kSoundGaps[] = " discont-wait=0 alignment-threshold=20000000";

// Both begin at zero and go on whatever comes in. A compositor that loses its last input would
// begin anew: each mixer has one that stays.
std::string MixerLine(const Mixer::Settings& settings) {
  const std::string live =
      " force-live=true min-upstream-latency=" + std::to_string(settings.latency);
  const std::string pictures =
      "compositor name=compositor background=black" + live +
      " ! video/x-raw,format=I420,width=" + std::to_string(Mixer::kWidth) +
      ",height=" + std::to_string(Mixer::kHeight) +
      ",framerate=25/1 ! picture. videotestsrc is-live=true pattern=black"
      " ! video/x-raw,format=I420,width=16,height=16,framerate=5/1 ! compositor. ";
  return (settings.pictures ? pictures : std::string()) + "audiomixer name=audiomixer" +
         kSoundGaps + live +
         " ! audio/x-raw,rate=48000,channels=2 ! sound. "
         "audiotestsrc is-live=true wave=silence ! audio/x-raw,rate=48000,channels=2 ! "
         "audiomixer. " +
         settings.encoders;
}

}  // namespace

Mixer::Input::Input(GstElement* router, const StreamInfo& stream, GstElement* mixing_bin,
                    GstElement* to, int latency)
    : bin(mixing_bin), mixer(to), branch(router, MakeBin(DecoderFor(stream.mime_type)), latency) {
  mixed.reset(gst_element_request_pad_simple(mixer, "sink_%u"));
  ghost = gst_ghost_pad_new(nullptr, mixed.get());
  gst_pad_set_active(ghost, TRUE);
  gst_element_add_pad(bin, ghost);
  const GstPtr<GstPad> output(gst_element_get_static_pad(branch.bin(), "src"));
  gst_pad_link(output.get(), ghost);
  branch.Link(stream.producer);
}

Mixer::Input::~Input() {
  gst_element_remove_pad(bin, ghost);
  gst_element_release_request_pad(mixer, mixed.get());
}

Mixer::Mixer(GstElement* room, const Settings& settings)
    : pipeline_(room, RecorderPipeline::Zero::kNow),
      bin_(MakeBin(MixerLine(settings))),
      input_latency_(static_cast<int>((settings.latency - kDecoding) / kNanosPerMilli)) {
  gst_bin_add(GST_BIN(pipeline_.get()), bin_.get());
  const auto find = [this](const char* name) {
    GstElement* element = gst_bin_get_by_name(GST_BIN(bin_.get()), name);
    gst_object_unref(element);  // the bin has it
    return element;
  };
  if (settings.pictures) compositor_ = find("compositor");
  audiomixer_ = find("audiomixer");
  gst_element_sync_state_with_parent(bin_.get());
}

void Mixer::Add(const StreamInfo& stream) {
  if (DecoderFor(stream.mime_type).empty()) {
    throw std::runtime_error(stream.mime_type + " cannot be mixed");
  }
  const bool picture = IsPicture(stream);
  if (picture && compositor_ == nullptr) throw std::runtime_error("only sounds are mixed");
  auto input = std::make_unique<Input>(pipeline_.router(), stream, bin_.get(),
                                       picture ? compositor_ : audiomixer_, input_latency_);
  if (picture) {
    gst_util_set_object_arg(G_OBJECT(input->mixed.get()), "sizing-policy", "keep-aspect-ratio");
    g_object_set(input->mixed.get(), "max-last-buffer-repeat", kStandStill, nullptr);
  }
  inputs_.emplace_back(stream.producer, std::move(input));
  Arrange();
}

void Mixer::Remove(const std::string& producer) {
  const auto found =
      std::ranges::find_if(inputs_, [&](const auto& entry) { return entry.first == producer; });
  if (found == inputs_.end()) return;
  dropped_before_ += found->second->branch.dropped();
  inputs_.erase(found);
  Arrange();
}

void Mixer::Arrange() const {
  std::vector<GstPad*> pictures;
  for (const auto& [producer, input] : inputs_) {
    if (input->mixer == compositor_) pictures.push_back(input->mixed.get());
  }
  const auto cells = Grid(static_cast<int>(pictures.size()), kWidth, kHeight);
  for (size_t i = 0; i < cells.size(); ++i) {
    g_object_set(pictures[i], "xpos", cells[i].x, "ypos", cells[i].y, "width", cells[i].width,
                 "height", cells[i].height, nullptr);
  }
}

void Mixer::End() const {
  for (const char* name : {"picture", "sound"}) {
    const GstPtr<GstElement> encoder(gst_bin_get_by_name(GST_BIN(pipeline_.get()), name));
    const GstPtr<GstPad> input(gst_element_get_static_pad(encoder.get(), "sink"));
    gst_pad_send_event(input.get(), gst_event_new_eos());
  }
}

uint64_t Mixer::dropped() const {
  uint64_t sum = dropped_before_;
  for (const auto& [producer, input] : inputs_) sum += input->branch.dropped();
  return sum;
}

}  // namespace room
