// Where libsfu's log lines go: one GST_DEBUG category per module of the core ("sfu-rtp", "sfu-net"
// …). Categories of the elements themselves are declared beside them.
#pragma once

namespace sfu::gst {

// Installs the bridge for the process. Any thread; called once, when the plugin is loaded.
void InstallLogBridge();

}  // namespace sfu::gst
