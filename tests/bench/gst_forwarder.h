// A pipeline from a launch line, for the rows that are made of elements.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <string>
#include <vector>

#include "forwarder.h"

namespace sfu::bench {

// Plays `launch`. The senders send to `ingress`.
std::unique_ptr<Forwarder> PlayPipeline(const std::string& launch,
                                        std::vector<SocketAddress> ingress, std::string* error);

// A UDP port of loopback that is free now; for each `index` (below 500) another one. 0 if there is
// none.
uint16_t FreePort(size_t index);

}  // namespace sfu::bench
