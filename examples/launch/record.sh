#!/bin/sh
# Records a stream of RTP, VP8 with Opus, into a Matroska file. Nothing is decoded.
#
# usage: record.sh [FILE [PORT]]      defaults: out.mkv 5004
#
# Ctrl-C ends the file, so that it gets its duration and its index.
set -eu
file=${1:-out.mkv} port=${2:-5004}
# The plugin: that of GST_PLUGIN_PATH, or else what ./dev build has made.
export GST_PLUGIN_PATH="${GST_PLUGIN_PATH:-$(dirname "$0")/../../build/gst}"

# latency: so many milliseconds a lost packet is waited for. An archive has time.
exec gst-launch-1.0 -e sfurouter name=r src_0::latency=3000 src_1::latency=3000 \
  plaintransport name=cam port="$port" rtcp-mux=false \
    src_0::caps="application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000" \
    src_1::caps="application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000" \
  cam.src_0 ! r.sink_0   cam.src_1 ! r.sink_1 \
  r.src_0 ! rtpvp8depay ! m.   r.src_1 ! rtpopusdepay ! m. \
  matroskamux name=m offset-to-zero=true ! filesink location="$file"
