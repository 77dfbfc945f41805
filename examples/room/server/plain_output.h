// Plain RTP out of a room: where it may go, what FFmpeg can receive, and how FFmpeg is told of it.
#pragma once

#include <string>
#include <vector>

#include "protocol.h"

namespace room {

// RTP goes to `port`, RTCP to the next one.
struct PlainDestination {
  std::string address;  // of IP
  unsigned port = 0;
};

// Reads `address` and `port`: of the pictures; sound goes two ports above. Packets go there that
// nobody there has asked for: so without `anywhere` it must be this machine, and it is never a
// group of machines. Throws RequestError.
PlainDestination ReadDestination(const Fields& fields, bool anywhere);

// RtpCapabilities: no repairs and no extensions, for FFmpeg knows none.
const Json& PlainCapabilities();

struct PlainOutput {
  PlainDestination to;
  std::string kind;
  Json codec;  // of RtpParameters
};

// {kind, codec, payloadType, clockRate, port, rtcpPort}.
Json Describe(const PlainOutput& output);
// A description of the session (RFC 8866) for who receives it.
std::string PlainSdp(const std::vector<PlainOutput>& outputs);
// A command that writes what comes into a file, for a shell.
std::string ReceivingCommand(const std::string& sdp);

}  // namespace room
