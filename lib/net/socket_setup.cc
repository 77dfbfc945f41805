// Small help with sockets.
#include "net/socket_setup.h"

#include <sys/socket.h>

namespace sfu {

bool SetSocketOption(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

}  // namespace sfu
