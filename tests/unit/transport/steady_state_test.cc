// The way of a packet allocates nothing once it is warm: receiver → Producer → Consumers → senders,
// in plain and with SRTP. A program of its own, for it replaces operator new.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "router/router.h"
#include "tests/support/packet_builder.h"
#include "transport/plain_transport.h"

namespace {
std::atomic<uint64_t> g_allocations{0};

void* Allocate(size_t size) {
  g_allocations.fetch_add(1, std::memory_order_relaxed);
  void* memory = std::malloc(size);  // NOLINT: this is what operator new is made of
  if (memory == nullptr) std::abort();
  return memory;
}
}  // namespace

void* operator new(size_t size) { return Allocate(size); }
void* operator new[](size_t size) { return Allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }            // NOLINT
void operator delete[](void* memory) noexcept { std::free(memory); }          // NOLINT
void operator delete(void* memory, size_t) noexcept { std::free(memory); }    // NOLINT
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }  // NOLINT

namespace sfu::test {
namespace {

constexpr int kConsumers = 3;
constexpr int kPacketsPerFrame = 10;
constexpr uint8_t kSequenceId = 5;
constexpr size_t kHeaderSize = kRtpFixedHeaderSize + 8;  // with an extension of one word

void AddTransportSequence(Bytes* packet, uint16_t number) {
  const uint8_t block[] = {0xbe,
                           0xde,
                           0,
                           1,
                           kSequenceId << 4 | 1,
                           static_cast<uint8_t>(number >> 8),
                           static_cast<uint8_t>(number),
                           0};
  packet->front() |= 0x10;
  packet->insert(packet->begin() + kRtpFixedHeaderSize, std::begin(block), std::end(block));
}

// Forgets what is sent.
class NullSocket : public DatagramSender {
 public:
  MutableBytes Reserve(size_t size) override { return MutableBytes(space_).first(size); }
  void Commit(const SocketAddress&, std::span<const uint16_t> sizes,
              const SocketAddress&) override {
    datagrams += sizes.size();
  }
  bool PrefersEqualSizes() const override { return true; }
  uint64_t datagrams = 0;

 private:
  std::vector<uint8_t> space_ = std::vector<uint8_t>(kMaxReserve);
};

SrtpKey Key(SrtpSuite suite) {
  return MakeSrtpKey(suite, Bytes(GetSrtpSuiteInfo(suite).keying_size(), 0x21)).value();
}

// Parameter: the suite; nothing for plain RTP.
class SteadyState : public testing::TestWithParam<std::optional<SrtpSuite>> {
 protected:
  SteadyState() : router_(2) {
    RtpSessionEnvironment environment;
    environment.pool = &pool_;
    transport_ =
        std::make_unique<PlainTransport>(PlainTransportOptions(), environment, &socket_, &socket_);
    PlainConnectOptions connect;
    connect.rtp = peer_;
    if (GetParam()) {
      connect.receive_key = connect.send_key = Key(*GetParam());
      remote_ = NewSrtpSender(Key(*GetParam())).value();
      remote_stream_ = remote_->AddStream(7);
    }
    EXPECT_TRUE(transport_->Connect(connect));
    RtpCodec codec;
    codec.id = CodecId::kVp8;
    codec.payload_type = 96;
    codec.rtx_payload_type = 97;
    codec.feedback.nack = codec.feedback.nack_pli = codec.feedback.transport_cc = true;
    codec.extensions[static_cast<size_t>(ExtensionType::kTransportSequence)] = kSequenceId;
    receiver_ = transport_->AddReceiver({.codec = codec}).value();
    codec.extensions[static_cast<size_t>(ExtensionType::kMid)] = 1;
    codec.extensions[static_cast<size_t>(ExtensionType::kAbsSendTime)] = 4;
    codec.extensions[static_cast<size_t>(ExtensionType::kTransportSequence)] = 5;
    Producer* producer = router_.CreateProducer({.id = "p", .codec = codec}).value();
    receiver_->SetSink(producer);
    producer->SetUpstream(receiver_);
    for (int i = 0; i < kConsumers; ++i) {
      Consumer* consumer = router_.CreateConsumer({.producer_id = "p"}).value();
      // Half of them to a browser.
      RtpSenderOptions options{.codec = codec};
      if (i % 2 == 0) options.extensions = ExtensionBlock::kNegotiated;
      options.mid = std::to_string(i);
      RtpSender* sender = transport_->AddSender(options).value();
      sender->SetSource(consumer);
      consumer->SetSink(sender, now_);
    }
  }

  // What the next frame's datagrams are on the wire; each tenth packet or so is lost first and
  // comes with the frame after it, so that NACK has its part.
  void BuildFrames(int frames) {
    for (int i = 0; i < frames; ++i) {
      std::vector<Bytes>& frame = frames_.emplace_back();
      for (BuiltPacket& packet : source_.NextFrame(now_)) {
        AddTransportSequence(&packet.bytes, transport_sequence_++);
        const size_t size = packet.bytes.size();
        if (remote_stream_ != nullptr) {
          packet.bytes.resize(size + kMaxSrtpOverhead);
          packet.bytes.resize(remote_stream_->Protect(packet.bytes, size, kHeaderSize));
        }
        frame.push_back(std::move(packet.bytes));
      }
      if (i % 10 == 1) std::swap(frame.back(), frames_[frames_.size() - 2].back());
    }
  }

  void Run(size_t first, size_t end) {
    for (size_t i = first; i < end; ++i) {
      size_t count = 0;
      for (Bytes& bytes : frames_[i]) batch_[count++] = {bytes, peer_, {}};
      transport_->rtp_input().OnDatagrams(std::span(batch_).first(count), now_);
      const Timestamp next = now_ + source_.frame_interval();
      while (transport_->NextDeadline() <= next) {
        now_ = std::max(now_, transport_->NextDeadline());
        transport_->HandleTimeout(now_);
      }
      now_ = next;
    }
  }

  const SocketAddress peer_ = SocketAddress::Ipv4({10, 0, 0, 1}, 4000);
  Timestamp now_ = Timestamp::FromMillis(10'000);
  RtpPacketPool pool_;
  NullSocket socket_;
  Router router_;
  uint16_t transport_sequence_ = 0;
  Vp8Source source_{{.ssrc = 7, .packets_per_frame = kPacketsPerFrame}};
  std::unique_ptr<PlainTransport> transport_;
  std::unique_ptr<SrtpSender> remote_;
  SrtpSendStream* remote_stream_ = nullptr;
  RtpReceiver* receiver_ = nullptr;
  std::vector<std::vector<Bytes>> frames_;
  std::array<ReceivedDatagram, kPacketsPerFrame> batch_;
};

TEST_P(SteadyState, ForwardsWithoutAllocation) {
  constexpr size_t kWarmUp = 300;
  constexpr size_t kMeasured = 1000;
  BuildFrames(kWarmUp + kMeasured);
  Run(0, kWarmUp);
  const uint64_t sent = socket_.datagrams;
  const uint64_t before = g_allocations.load();
  Run(kWarmUp, kWarmUp + kMeasured);
  const uint64_t allocations = g_allocations.load() - before;
  EXPECT_EQ(allocations, 0u);
  EXPECT_GE(socket_.datagrams - sent, kMeasured * kPacketsPerFrame * kConsumers);
  EXPECT_GT(receiver_->Stats(now_).nacks_sent, 50u);
  const RtpSessionStats stats = transport_->session().Stats();
  EXPECT_EQ(stats.transport_wide_packets, (kWarmUp + kMeasured) * kPacketsPerFrame);
  EXPECT_GT(stats.transport_feedbacks_sent, 300u);
  EXPECT_EQ(receiver_->Stats(now_).stream.packets,
            static_cast<uint64_t>((kWarmUp + kMeasured) * kPacketsPerFrame));
}

INSTANTIATE_TEST_SUITE_P(PlainAndEachSuite, SteadyState,
                         testing::Values(std::nullopt, SrtpSuite::kAeadAes256Gcm,
                                         SrtpSuite::kAeadAes128Gcm, SrtpSuite::kAesCm128HmacSha1_80,
                                         SrtpSuite::kAesCm128HmacSha1_32));

TEST(CountingNew, Counts) {
  const uint64_t before = g_allocations.load();
  auto value = std::make_unique<int>(1);
  EXPECT_EQ(*value, 1);
  EXPECT_GT(g_allocations.load(), before);
}

}  // namespace
}  // namespace sfu::test
