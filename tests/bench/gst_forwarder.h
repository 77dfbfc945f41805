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

// A UDP port of loopback that is free now.
uint16_t FreePort();

}  // namespace sfu::bench
