#!/bin/sh
# Cuts a stream of H.264 into HLS: segments, and a playlist that grows with them. Nothing is decoded.
#
# usage: hls.sh [FOLDER [PORT]]      defaults: . 5004
#
# A segment begins at a key frame, so the sender decides how long one is at least.
set -eu
folder=${1:-.} port=${2:-5004}
# The plugin: that of GST_PLUGIN_PATH, or else what ./dev build has made.
export GST_PLUGIN_PATH="${GST_PLUGIN_PATH:-$(dirname "$0")/../../build/gst}"

exec gst-launch-1.0 -e sfurouter name=r \
  plaintransport name=cam port="$port" rtcp-mux=false \
    src_0::caps="application/x-rtp,media=video,encoding-name=H264,payload=96,clock-rate=90000" \
  cam.src_0 ! r.sink_0 \
  r.src_0 ! rtph264depay ! h264parse ! hlssink2 target-duration=2 \
    location="$folder/seg%05d.ts" playlist-location="$folder/live.m3u8"
