// coturn on 127.0.0.1, with user u and password p. For a network of the test's own, see
// own_network.h.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace sfu::test {

// A server, while it lives.
class Turn {
 public:
  static constexpr uint16_t kPort = 3478;
  static constexpr uint16_t kFirstRelayPort = 50'000;
  static constexpr uint16_t kLastRelayPort = 50'100;

  Turn() : folder_(std::filesystem::temp_directory_path() / ("turn-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
    const std::vector<std::string> arguments = {"turnserver",
                                                "-n",
                                                "--listening-ip=127.0.0.1",
                                                "--relay-ip=127.0.0.1",
                                                "--listening-port=" + std::to_string(kPort),
                                                "--min-port=" + std::to_string(kFirstRelayPort),
                                                "--max-port=" + std::to_string(kLastRelayPort),
                                                "--lt-cred-mech",
                                                "--user=u:p",
                                                "--realm=test",
                                                "--no-tls",
                                                "--no-dtls",
                                                "--no-cli",
                                                "--allow-loopback-peers",
                                                "--log-file=" + (folder_ / "log").string(),
                                                "--simple-log",
                                                "--userdb=" + (folder_ / "users").string(),
                                                "--pidfile=" + (folder_ / "pid").string()};
    std::vector<char*> argv;
    for (const std::string& argument : arguments)
      argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    child_ = fork();
    if (child_ == 0) {
      execvp(argv[0], argv.data());
      _exit(127);
    }
  }
  ~Turn() {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
    std::filesystem::remove_all(folder_);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  static bool Installed() { return std::system("command -v turnserver >/dev/null") == 0; }

 private:
  const std::filesystem::path folder_;
  pid_t child_ = -1;
};

}  // namespace sfu::test
