// Retransmission history of streams whose packets come from another Worker. The ring that they
// stand in there may not be looked into from here, so each such stream has a ring of its own here,
// shared by all who get it: the packets themselves are the same.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/time.h"
#include "stream/packet_ring.h"
#include "stream/rtp_batch.h"

namespace sfu {

// Belongs to one Worker. Holds no ring alive.
class FarRings {
 public:
  // The ring on this Worker for the stream `ssrc` whose packets stand in `origin` on theirs.
  // `origin` is compared only. `retention` is for a ring that is made now.
  std::shared_ptr<PacketRing> For(const std::shared_ptr<const PacketRing>& origin, Ssrc ssrc,
                                  TimeDelta retention);
  size_t size() const { return rings_.size(); }

 private:
  struct Entry {
    std::weak_ptr<const PacketRing> origin;
    std::weak_ptr<PacketRing> ring;
  };
  // A stream that begins anew in the same ring, with another SSRC, has another history.
  std::map<std::pair<const PacketRing*, Ssrc>, Entry> rings_;
};

// One receiver's end of such a stream, or of the several encodings of one.
class FarHistory {
 public:
  // `rings` must outlive this.
  explicit FarHistory(FarRings* rings) : rings_(rings) {}

  // Puts the packets of `batch` into this Worker's ring, and that into batch->ring. The packets are
  // borrowed.
  void Adopt(RtpBatch* batch, TimeDelta retention);

 private:
  struct Encoding {
    std::weak_ptr<const PacketRing> origin;
    Ssrc ssrc = 0;
    std::shared_ptr<PacketRing> ring;  // of those two
  };
  FarRings* const rings_;
  std::vector<Encoding> encodings_;  // by RtpBatch::encoding
};

}  // namespace sfu
