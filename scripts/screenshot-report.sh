#!/bin/sh
# The top of a run's report as a picture, such as the README's: scripts/screenshot-report.sh RUN [PNG]
# Needs Chromium (apt-get install chromium).
set -eu
run=$(realpath "$1")
png=$(realpath "${2:-docs/report.png}")
npx zerosearch report "$run"
chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --force-device-scale-factor=1.5 \
  --window-size=1280,1080 --screenshot="$png" "file://$run/report.html"
ls -l "$png"
