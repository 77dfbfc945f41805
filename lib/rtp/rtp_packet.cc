// The packet pool: slabs of equal slots, a free list of the owning thread, and a lock-free stack on
// which any thread puts back. The owner takes that whole stack at once, so there is no ABA problem.
#include "rtp/rtp_packet.h"

#include <new>
#include <vector>

namespace sfu {
namespace {

constexpr size_t kSlotsPerSlab = 64;
constexpr size_t kSmallCapacity = 320;
constexpr size_t kSlotAlignment = 64;

constexpr size_t SlotSize(size_t capacity) {
  return (sizeof(RtpPacket) + capacity + kSlotAlignment - 1) / kSlotAlignment * kSlotAlignment;
}

}  // namespace

// What the packets of one size share. Lives until the pool and the last packet are gone.
class PoolCore {
 public:
  explicit PoolCore(size_t capacity) : capacity_(static_cast<uint16_t>(capacity)) {}

  RtpPacket* Take() {
    if (free_ == nullptr) free_ = returned_.exchange(nullptr, std::memory_order_acquire);
    if (free_ == nullptr && !Grow()) return nullptr;
    RtpPacket* packet = free_;
    free_ = packet->next_free_;
    users_.fetch_add(1, std::memory_order_relaxed);
    return packet;
  }

  void PutBack(RtpPacket* packet) {
    RtpPacket* head = returned_.load(std::memory_order_relaxed);
    do {
      packet->next_free_ = head;
    } while (!returned_.compare_exchange_weak(head, packet, std::memory_order_release,
                                              std::memory_order_relaxed));
    Release();
  }

  // One user less: a packet, or the pool itself.
  void Release() {
    if (users_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

 private:
  friend class RtpPacketPool;

  ~PoolCore() {
    for (uint8_t* slab : slabs_) ::operator delete[](slab, std::align_val_t{kSlotAlignment});
  }

  bool Grow() {
    if (slabs_.size() * kSlotsPerSlab >= RtpPacketPool::kMaxPackets) return false;
    const size_t slot = SlotSize(capacity_);
    auto* slab = static_cast<uint8_t*>(
        ::operator new[](slot* kSlotsPerSlab, std::align_val_t{kSlotAlignment}, std::nothrow));
    if (slab == nullptr) return false;
    slabs_.push_back(slab);
    for (size_t i = 0; i < kSlotsPerSlab; ++i) {
      RtpPacket* packet = RtpPacketPool::Construct(slab + i * slot, capacity_, this);
      packet->next_free_ = free_;
      free_ = packet;
    }
    return true;
  }

  const uint16_t capacity_;
  RtpPacket* free_ = nullptr;
  std::atomic<RtpPacket*> returned_{nullptr};
  std::atomic<size_t> users_{1};
  std::vector<uint8_t*> slabs_;
};

RtpPacket* RtpPacketPool::Construct(void* slot, uint16_t capacity, PoolCore* core) {
  auto* packet = new (slot) RtpPacket();
  packet->capacity_ = capacity;
  packet->core_ = core;
  return packet;
}

void RtpPacketRef::Reset() {
  RtpPacket* packet = std::exchange(packet_, nullptr);
  if (packet == nullptr) return;
  if (packet->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    packet->core_->PutBack(packet);
  }
}

RtpPacketPool::RtpPacketPool()
    : small_(new PoolCore(kSmallCapacity)), full_(new PoolCore(kMaxDatagramSize)) {}

RtpPacketPool::~RtpPacketPool() {
  small_->Release();
  full_->Release();
}

RtpPacketRef RtpPacketPool::Allocate(size_t size) {
  if (size > kMaxDatagramSize) return RtpPacketRef();
  RtpPacket* packet = (size <= kSmallCapacity ? small_ : full_)->Take();
  if (packet == nullptr) return RtpPacketRef();
  packet->header = RtpHeader();
  packet->info = PayloadInfo();
  packet->places = ExtensionPlaces();
  packet->index = 0;
  packet->ntp = NtpTime();
  packet->recovered = false;
  packet->size_ = static_cast<uint16_t>(size);
  return RtpPacketRef(packet);
}

}  // namespace sfu
