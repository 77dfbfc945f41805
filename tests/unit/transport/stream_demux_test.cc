// BUNDLE: streams that are found by MID, RID, repaired RID and payload type, in plain and under
// SRTP, and what a peer may claim about them.
#include "base/random.h"
#include "tests/unit/transport/transport_fixture.h"

namespace sfu::test {
namespace {

using Sequences = std::vector<uint16_t>;

constexpr uint8_t kMidId = 1;
constexpr uint8_t kRidId = 2;
constexpr uint8_t kRepairedRidId = 3;

const SocketAddress kPeer = Ip(1, 4000);

std::string RidOf(size_t i) { return std::string("r").append(std::to_string(i)); }

struct Names {
  std::string mid = {};
  std::string rid = {};
  std::string repaired_rid = {};
};

Bytes Extension(const Names& names) {
  Bytes block;
  const auto add = [&](uint8_t id, const std::string& text) {
    if (text.empty()) return;
    block.push_back(static_cast<uint8_t>(id << 4 | (text.size() - 1)));
    for (const char letter : text) block.push_back(static_cast<uint8_t>(letter));
  };
  add(kMidId, names.mid);
  add(kRidId, names.rid);
  add(kRepairedRidId, names.repaired_rid);
  return block;
}

RtpCodec WithNames(RtpCodec codec) {
  codec.extensions[static_cast<size_t>(ExtensionType::kMid)] = kMidId;
  codec.extensions[static_cast<size_t>(ExtensionType::kRid)] = kRidId;
  codec.extensions[static_cast<size_t>(ExtensionType::kRepairedRid)] = kRepairedRidId;
  return codec;
}

RtpCodec BundledVideo() {
  RtpCodec codec = WithNames(VideoCodec());
  codec.rtx_payload_type = 97;
  return codec;
}

class Bundle : public TransportFixture {
 protected:
  Bundle() { EXPECT_TRUE(transport_->Connect({.rtp = kPeer})); }

  struct Stream {
    RtpReceiver* receiver = nullptr;
    std::unique_ptr<BatchRecorder> recorder = std::make_unique<BatchRecorder>();
    Sequences Got() const { return recorder->Sequences(); }
  };
  Stream Add(const RtpReceiverOptions& options) {
    Stream stream;
    stream.receiver = AddReceiver(options);
    stream.receiver->SetSink(stream.recorder.get());
    return stream;
  }
  std::string FieldOf(const RtpReceiverOptions& options) {
    const auto result = transport_->AddReceiver(options);
    return result.ok() ? "none" : result.error().field;
  }

  static Bytes Named(uint16_t sequence, Ssrc ssrc, const Names& names, uint8_t payload_type = 96) {
    return BuildRtpPacket({.ssrc = ssrc,
                           .payload_type = payload_type,
                           .sequence_number = sequence,
                           .timestamp = sequence * 3000U,
                           .extension = Extension(names),
                           .payload = {0x10, 0x01, static_cast<uint8_t>(sequence), 4}});
  }
  static Bytes Rtx(uint16_t original, Ssrc ssrc, const Names& names) {
    return BuildRtpPacket({.ssrc = ssrc,
                           .payload_type = 97,
                           .sequence_number = original,
                           .timestamp = original * 3000U,
                           .extension = Extension(names),
                           .payload = {static_cast<uint8_t>(original >> 8),
                                       static_cast<uint8_t>(original), 0x10, 0x01, 2, 4}});
  }
  void Receive(const Bytes& bytes) { TransportFixture::Receive(bytes, kPeer); }

  // SRTP: what the peer sends from here on is protected.
  void UseSrtp() {
    const SrtpKey ours =
        MakeSrtpKey(kSuite, Bytes(GetSrtpSuiteInfo(kSuite).keying_size(), 1)).value();
    const SrtpKey theirs =
        MakeSrtpKey(kSuite, Bytes(GetSrtpSuiteInfo(kSuite).keying_size(), 2)).value();
    EXPECT_TRUE(transport_->Connect({.rtp = kPeer, .receive_key = theirs, .send_key = ours}));
    peer_ = NewSrtpSender(theirs).value();
  }
  Bytes Protect(Bytes bytes) {
    const size_t size = bytes.size();
    const auto header = ParseRtpHeader(bytes);
    bytes.resize(size + kMaxSrtpOverhead);
    bytes.resize(peer_->AddStream(header->ssrc)->Protect(bytes, size, header->header_size));
    peer_->RemoveStream(header->ssrc);
    return bytes;
  }

  static constexpr SrtpSuite kSuite = SrtpSuite::kAeadAes128Gcm;
  std::unique_ptr<SrtpSender> peer_;
};

TEST_F(Bundle, TwoSectionsOfOnePayloadTypeAreFoundByMidThenBySsrc) {
  const Stream first = Add({.codec = WithNames(AudioCodec()), .mid = "0"});
  const Stream second = Add({.codec = WithNames(AudioCodec()), .mid = "1"});
  Receive(Named(1, 71, {.mid = "1"}, 111));
  Receive(Named(2, 70, {.mid = "0"}, 111));
  Receive(Named(3, 71, {}, 111));
  Receive(Named(4, 70, {}, 111));
  EXPECT_EQ(first.Got(), (Sequences{2, 4}));
  EXPECT_EQ(second.Got(), (Sequences{1, 3}));
}

TEST_F(Bundle, SimulcastIsFoundByRidAndItsRtxByRepairedRid) {
  std::vector<Stream> layers;
  for (const char* rid : {"r0", "r1", "r2"}) {
    layers.push_back(Add({.codec = BundledVideo(), .mid = "v", .rid = rid}));
  }
  for (int i = 0; i < 3; ++i) {
    const std::string rid = RidOf(static_cast<size_t>(i));
    Receive(Named(1, 70U + i, {.mid = "v", .rid = rid}));
    Receive(Named(3, 70U + i, {}));
  }
  // Nobody asked for anything yet: only the name tells whose it is.
  Receive(Rtx(2, 81, {.mid = "v", .repaired_rid = "r1"}));
  EXPECT_EQ(layers[0].Got(), (Sequences{1, 3}));
  EXPECT_EQ(layers[1].Got(), (Sequences{1, 3, 2}));
  EXPECT_EQ(layers[2].Got(), (Sequences{1, 3}));
  EXPECT_EQ(layers[1].receiver->rtx_ssrc(), 81u);
  // Without a name, and asked for by two: nobody's.
  Receive(Rtx(9, 82, {.mid = "v"}));
  EXPECT_FALSE(layers[0].receiver->has_rtx_ssrc());
  EXPECT_FALSE(layers[2].receiver->has_rtx_ssrc());
  // The SSRC alone is enough from now on.
  Receive(Named(5, 71, {}));
  Receive(Rtx(4, 81, {}));
  EXPECT_EQ(layers[1].Got(), (Sequences{1, 3, 2, 5, 4}));
}

TEST_F(Bundle, ARidOfTwoSectionsNeedsItsMid) {
  const Stream camera = Add({.codec = BundledVideo(), .mid = "0", .rid = "r0"});
  const Stream screen = Add({.codec = BundledVideo(), .mid = "1", .rid = "r0"});
  Receive(Named(1, 70, {.rid = "r0"}));
  EXPECT_EQ(drops()[DropReason::kUnknownSsrc], 1u);
  Receive(Named(2, 70, {.mid = "1", .rid = "r0"}));
  EXPECT_TRUE(camera.Got().empty());
  EXPECT_EQ(screen.Got(), (Sequences{2}));
}

TEST_F(Bundle, WithoutNamesThePayloadTypeTellsIfItIsOneStreamsOnly) {
  const Stream sound = Add({.codec = WithNames(AudioCodec()), .mid = "0"});
  const Stream camera = Add({.codec = BundledVideo(), .mid = "1"});
  const Stream screen = Add({.codec = BundledVideo(), .mid = "2"});
  Receive(Named(1, 70, {}, 111));
  Receive(Named(2, 71, {}));
  EXPECT_EQ(sound.Got(), (Sequences{1}));
  EXPECT_TRUE(camera.Got().empty());
  EXPECT_TRUE(screen.Got().empty());
  // Though one of them has its stream, the other one's is not guessed.
  Receive(Named(3, 71, {.mid = "1"}));
  Receive(Named(4, 72, {}));
  EXPECT_EQ(camera.Got(), (Sequences{3}));
  EXPECT_TRUE(screen.Got().empty());
  EXPECT_EQ(drops()[DropReason::kUnknownSsrc], 2u);
}

TEST_F(Bundle, NamesOfNobodyAreDropped) {
  const Stream camera = Add({.codec = BundledVideo(), .mid = "1", .rid = "a"});
  Receive(Named(1, 70, {.mid = "2"}));
  Receive(Named(2, 70, {.mid = "1", .rid = "b"}));
  Receive(Named(3, 70, {.mid = "1", .rid = "a"}, 98));
  EXPECT_TRUE(camera.Got().empty());
  EXPECT_EQ(drops()[DropReason::kUnknownSsrc], 2u);
  EXPECT_EQ(drops()[DropReason::kUnknownPayloadType], 1u);
}

TEST_F(Bundle, ASignalledSsrcIsNotTakenOverByName) {
  const Stream camera = Add({.codec = BundledVideo(), .ssrc = 7, .mid = "1"});
  Receive(Named(1, 70, {.mid = "1"}));
  Receive(Named(2, 7, {.mid = "9"}));
  EXPECT_EQ(camera.Got(), (Sequences{2}));
}

TEST_F(Bundle, AddReceiverNamesWhatIsAmbiguous) {
  Add({.codec = BundledVideo(), .mid = "0", .rid = "r0"});
  Add({.codec = WithNames(AudioCodec()), .mid = "1"});
  EXPECT_EQ(FieldOf({.codec = BundledVideo(), .mid = "0", .rid = "r0"}), "rid");
  EXPECT_EQ(FieldOf({.codec = BundledVideo(), .mid = "0"}), "mid");
  EXPECT_EQ(FieldOf({.codec = BundledVideo()}), "payload");
  EXPECT_EQ(FieldOf({.codec = WithNames(AudioCodec()), .mid = "1"}), "mid");
  RtpCodec h264 = BundledVideo();
  h264.id = CodecId::kH264;
  h264.encoding_name = "H264";
  EXPECT_EQ(FieldOf({.codec = h264, .ssrc = 9, .mid = "3"}), "payload");
  RtpCodec other_rtx = BundledVideo();
  other_rtx.payload_type = 98;
  EXPECT_EQ(FieldOf({.codec = other_rtx, .mid = "3"}), "rtxPayload");
  RtpCodec other_ids = BundledVideo();
  other_ids.extensions[static_cast<size_t>(ExtensionType::kAudioLevel)] = kMidId;
  other_ids.extensions[static_cast<size_t>(ExtensionType::kMid)] = 0;
  EXPECT_EQ(FieldOf({.codec = other_ids, .mid = "3"}), "headerExtensions");
  RtpCodec twice = VideoCodec();
  twice.extensions[static_cast<size_t>(ExtensionType::kAudioLevel)] = 9;
  twice.extensions[static_cast<size_t>(ExtensionType::kMid)] = 9;
  EXPECT_EQ(FieldOf({.codec = twice, .mid = "3"}), "headerExtensions");
  EXPECT_EQ(transport_->session().receivers().size(), 2u);
  EXPECT_EQ(FieldOf({.codec = BundledVideo(), .mid = "0", .rid = "r1"}), "none");
  EXPECT_EQ(FieldOf({.codec = BundledVideo(), .mid = "3", .rid = "r0"}), "none");
}

TEST_F(Bundle, WhatARemovedReceiverHadIsFree) {
  Stream camera = Add({.codec = BundledVideo(), .mid = "0"});
  Receive(Named(1, 70, {.mid = "0"}));
  transport_->RemoveReceiver(camera.receiver);
  RtpCodec other_ids = VideoCodec();
  other_ids.extensions[static_cast<size_t>(ExtensionType::kMid)] = kRidId;
  other_ids.extensions[static_cast<size_t>(ExtensionType::kRid)] = kMidId;
  camera = Add({.codec = other_ids, .mid = "1"});
  Receive(Named(2, 70, {.rid = "1"}));
  EXPECT_EQ(camera.Got(), (Sequences{2}));
}

TEST_F(Bundle, NothingIsLatchedBeforeItIsAuthentic) {
  UseSrtp();
  const Stream camera = Add({.codec = BundledVideo(), .mid = "0"});
  Receive(Named(1, 70, {.mid = "0"}));
  Bytes forged = Protect(Named(2, 71, {.mid = "0"}));
  forged.back() ^= 1;
  Receive(forged);
  EXPECT_EQ(camera.receiver->ssrc(), 0u);
  EXPECT_EQ(camera.receiver->Stats(now_).drops.Total(), 2u);
  Receive(Protect(Named(3, 72, {.mid = "0"})));
  EXPECT_EQ(camera.Got(), (Sequences{3}));
}

// Row 19: one SSRC in two hands.
TEST_F(Bundle, AnSsrcBelongsToOneStreamOfOneTransport) {
  const Stream camera = Add({.codec = BundledVideo(), .ssrc = 7, .mid = "0"});
  EXPECT_EQ(FieldOf({.codec = BundledVideo(), .ssrc = 7, .mid = "1"}), "ssrc");
  EXPECT_EQ(FieldOf({.codec = BundledVideo(), .ssrc = 8, .rtx_ssrc = 7, .mid = "1"}), "rtxSsrc");
  const Stream other = Add({.codec = BundledVideo(), .mid = "1"});
  // Learnt from packets, it cannot be taken either: neither by name nor by signalling.
  Receive(Named(1, 70, {.mid = "1"}));
  Receive(Named(2, 7, {.mid = "1"}));
  Receive(Named(3, 70, {.mid = "0"}));
  EXPECT_EQ(camera.Got(), (Sequences{2}));
  EXPECT_EQ(other.Got(), (Sequences{1, 3}));
  EXPECT_EQ(FieldOf({.codec = BundledVideo(), .ssrc = 70, .mid = "2"}), "ssrc");
  // Another peer sends the same SSRC on its own transport: nothing of it is seen here.
  RtpSessionEnvironment environment;
  environment.pool = &pool_;
  CapturingSocket socket;
  PlainTransport stranger({}, environment, &socket, &socket);
  ASSERT_TRUE(stranger.Connect({.rtp = Ip(2, 4000)}));
  BatchRecorder theirs;
  stranger.AddReceiver({.codec = BundledVideo(), .mid = "0"}).value()->SetSink(&theirs);
  Bytes packet = Named(9, 7, {.mid = "0"});
  ReceivedDatagram datagram{packet, Ip(2, 4000), {}};
  stranger.rtp_input().OnDatagrams(std::span(&datagram, 1), now_);
  EXPECT_EQ(theirs.Sequences(), (Sequences{9}));
  EXPECT_EQ(camera.Got(), (Sequences{2}));
}

// Row 22: payload types that were not negotiated, or are another stream's.
TEST_F(Bundle, APayloadTypeOfAnotherStreamChangesNothing) {
  const Stream camera = Add({.codec = BundledVideo(), .mid = "0"});
  const Stream sound = Add({.codec = WithNames(AudioCodec()), .mid = "1"});
  Receive(Named(1, 70, {.mid = "0"}));
  Receive(Named(2, 70, {.mid = "0"}, 111));
  Receive(Named(3, 71, {.mid = "0"}, 111));
  Receive(Named(4, 72, {.mid = "1"}));
  Receive(Named(5, 73, {.mid = "0"}, 50));
  EXPECT_EQ(camera.Got(), (Sequences{1}));
  EXPECT_TRUE(sound.Got().empty());
  EXPECT_EQ(drops().Total(), 4u);
}

// Row 20 of the list of hostile inputs.
TEST_F(Bundle, TenThousandNamesAndSsrcsLeaveNothingBehind) {
  UseSrtp();
  const Stream camera = Add({.codec = BundledVideo(), .mid = "0", .rid = "r0"});
  Receive(Protect(Named(1, 7, {.mid = "0", .rid = "r0"})));
  Random random(1);
  for (int i = 0; i < 10'000; ++i) {
    Names names;
    if (random.U32() % 2 == 0) names.mid = std::to_string(random.U32() % 1000);
    if (random.U32() % 4 == 0) names.mid.assign(1, '0');
    if (random.U32() % 2 == 0) names.rid = RidOf(random.U32() % 3);
    if (random.U32() % 2 == 0) names.repaired_rid = RidOf(0);
    const auto sequence = static_cast<uint16_t>(100 + i % 100);
    Receive(Protect(random.U32() % 2 == 0 ? Named(sequence, random.U32(), names)
                                          : Rtx(sequence, random.U32(), names)));
  }
  EXPECT_EQ(camera.receiver->ssrc(), 7u);
  EXPECT_EQ(transport_->session().receivers().size(), 1u);
  // There is still room for a stream that is new: for its SSRC as for its SRTP state.
  const Stream screen = Add({.codec = BundledVideo(), .mid = "screen"});
  Receive(Protect(Named(1, 8, {.mid = "screen"})));
  Receive(Protect(Named(2, 7, {})));
  EXPECT_EQ(screen.Got(), (Sequences{1}));
  EXPECT_EQ(camera.Got().front(), 1);
  EXPECT_EQ(camera.Got().back(), 2);
}

TEST_F(Bundle, LearntSsrcsAreBounded) {
  std::vector<Stream> streams;
  for (size_t i = 0; i <= SsrcTable::kMaxLearnt; ++i) {
    const std::string mid = std::to_string(i);
    streams.push_back(Add({.codec = BundledVideo(), .mid = mid}));
    Receive(Named(1, static_cast<Ssrc>(100 + i), {.mid = mid}));
  }
  EXPECT_EQ(streams[SsrcTable::kMaxLearnt - 1].Got(), (Sequences{1}));
  EXPECT_TRUE(streams.back().Got().empty());
  EXPECT_EQ(drops()[DropReason::kTooManyStreams], 1u);
  // One that begins anew keeps its place; one that goes leaves it.
  now_ += TimeDelta::Seconds(2);
  Receive(Named(2, 900, {.mid = "5"}));
  EXPECT_EQ(streams[5].Got(), (Sequences{1, 2}));
  transport_->RemoveReceiver(streams[3].receiver);
  Receive(Named(2, 901, {.mid = std::to_string(SsrcTable::kMaxLearnt)}));
  EXPECT_EQ(streams.back().Got(), (Sequences{2}));
}

}  // namespace
}  // namespace sfu::test
