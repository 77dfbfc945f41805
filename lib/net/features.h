// Which of the kernel's faster network calls work here. Each is probed once per Worker and has a
// simpler call to fall back to, silently.
#pragma once

namespace sfu {

struct NetFeatures {
  bool recvmmsg = true;      // several datagrams per receive call
  bool gro = true;           // UDP_GRO: several datagrams per received message
  bool sendmmsg = true;      // several messages per send call
  bool gso = true;           // UDP_SEGMENT: several datagrams per sent message
  bool epoll_pwait2 = true;  // waits with nanoseconds; else rounded up to milliseconds
};

// What this machine can do of what is `allowed`. Opens and closes a few sockets.
NetFeatures ProbeNetFeatures(const NetFeatures& allowed = {});

}  // namespace sfu
