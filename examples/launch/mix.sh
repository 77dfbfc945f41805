#!/bin/sh
# Mixes two people into one picture and one sound, which browsers watch (WHEP).
#
# usage: mix.sh [PORT [PORT2 [HTTP_PORT]]]      defaults: 5004 5006 8080
#
# The two send RTP, VP8 and Opus. For viewers that can show one stream only, or that pay for each:
# mixing costs decoders and an encoder, where forwarding costs next to nothing.
set -eu
one=${1:-5004} two=${2:-5006} http=${3:-8080}
# The plugin: that of GST_PLUGIN_PATH, or else what ./dev build has made.
export GST_PLUGIN_PATH="${GST_PLUGIN_PATH:-$(dirname "$0")/../../build/gst}"

video='application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000'
audio='application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000'
half='videoconvertscale ! video/x-raw,format=I420,width=320,height=240,pixel-aspect-ratio=1/1'
# "half" is several words of the line.
# shellcheck disable=SC2086
exec gst-launch-1.0 \
  sfurouter name=r src_0::producer=sink_0 src_1::producer=sink_2 src_2::producer=sink_1 src_3::producer=sink_3 \
  plaintransport name=a port="$one" rtcp-mux=false src_0::caps="$video" src_1::caps="$audio" \
  plaintransport name=b port="$two" rtcp-mux=false src_0::caps="$video" src_1::caps="$audio" \
  a.src_0 ! r.sink_0   a.src_1 ! r.sink_1   b.src_0 ! r.sink_2   b.src_1 ! r.sink_3 \
  r.src_0 ! rtpvp8depay ! vp8dec ! $half ! picture.sink_0 \
  r.src_1 ! rtpvp8depay ! vp8dec ! $half ! picture.sink_1 \
  r.src_2 ! rtpopusdepay ! opusdec ! sound.   r.src_3 ! rtpopusdepay ! opusdec ! sound. \
  compositor name=picture latency=200000000 sink_1::xpos=320 ! video/x-raw,width=640,height=240,framerate=25/1 \
    ! vp8enc deadline=1 cpu-used=8 target-bitrate=1000000 ! rtpvp8pay ! s.sink_0 \
  audiomixer name=sound latency=200000000 ! audioconvert ! audioresample ! opusenc ! rtpopuspay ! s.sink_1 \
  sfuserver name=s address=127.0.0.1 port="$http"
