#!/bin/sh
# Shows a stream of RTP, from FFmpeg for instance, to browsers (WHEP). Nothing is decoded.
#
# usage: relay-rtp.sh [PORT [HTTP_PORT]]      defaults: 5004 8080
#
# FFmpeg makes no key frame when it is asked: -g says how long a new viewer may have to wait.
set -eu
port=${1:-5004} http=${2:-8080}
# The plugin: that of GST_PLUGIN_PATH, or else what ./dev build has made.
export GST_PLUGIN_PATH="${GST_PLUGIN_PATH:-$(dirname "$0")/../../build/gst}"

exec gst-launch-1.0 -e sfuserver name=s address=127.0.0.1 port="$http" \
  plaintransport name=cam port="$port" rtcp-mux=false \
    src_0::caps="application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000" \
    src_1::caps="application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000" \
  cam.src_0 ! s.sink_0   cam.src_1 ! s.sink_1
