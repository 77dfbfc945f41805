// Offers and budgets.
#include "router/layer_offer.h"

#include <algorithm>
#include <cmath>

namespace sfu {

bool OfferTeller::IsDue(const LayerOffer& offer, Timestamp now) const {
  if (!told_) return true;
  if (now - told_at_ < kInterval) return false;
  if (offer.priority != told_->priority || offer.wanted != told_->wanted) return true;
  const auto before = static_cast<double>(told_->bitrate.bps());
  const auto after = static_cast<double>(offer.bitrate.bps());
  return std::abs(after - before) > kSameBitrate * before;
}

void OfferTeller::OnTold(const LayerOffer& offer, Timestamp now) {
  told_ = offer;
  told_at_ = now;
}

void Budget::Add(DataRate rate, uint64_t epoch) {
  if (epoch + kMaxAge < newest_) return;
  newest_ = std::max(newest_, epoch);
  Epoch& entry = epochs_[epoch % epochs_.size()];
  if (entry.number != epoch) entry = {epoch, std::nullopt};
  entry.least = entry.least ? std::min(*entry.least, rate) : rate;
}

std::optional<DataRate> Budget::value() const {
  std::optional<DataRate> least;
  for (const Epoch& epoch : epochs_) {
    if (!epoch.least || epoch.number + kMaxAge < newest_) continue;
    least = least ? std::min(*least, *epoch.least) : epoch.least;
  }
  return least;
}

}  // namespace sfu
