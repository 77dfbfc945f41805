#!/bin/sh
# Shows the picture of an RTSP camera that sends H.264 to browsers (WHEP). Nothing is decoded.
#
# usage: relay-rtsp.sh rtsp://CAMERA/... [HTTP_PORT]      default: 8080
#
# Cameras make no key frame when they are asked: set theirs to one each second or two. Main and
# baseline profile without B-frames is what browsers show.
set -eu
[ $# -ge 1 ] || { sed -n 's/^# \(usage: \)/\1/p' "$0" >&2; exit 2; }
url=$1 http=${2:-8080}
# The plugin: that of GST_PLUGIN_PATH, or else what ./dev build has made.
export GST_PLUGIN_PATH="${GST_PLUGIN_PATH:-$(dirname "$0")/../../build/gst}"

# The payload is taken apart and made anew, for a camera may send its parameter sets in the SDP only,
# and browsers want them in the stream.
exec gst-launch-1.0 rtspsrc location="$url" latency=100 ! rtph264depay ! h264parse config-interval=-1 \
  ! rtph264pay aggregate-mode=zero-latency ! s.sink_0  sfuserver name=s address=127.0.0.1 port="$http"
