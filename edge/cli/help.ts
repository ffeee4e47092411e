export const HELP = `usage: loadstone edge [--config FILE] [--set KEY=VALUE]...
       loadstone edge status | check [--json] [--step-test]
       loadstone edge test DEVICE --set KEY=VALUE [--for 5m]
       loadstone edge mode monitor|manual|automatic --reason TEXT
       loadstone edge manual on|off [DEVICE] [--set KEY=VALUE] [--for 2h] --reason TEXT
       loadstone edge stop [DEVICE] [--reason TEXT] | resume [DEVICE] --reason TEXT
       loadstone edge tag | untag DEVICE --reason TEXT
       loadstone edge passwd NAME
       loadstone edge logs [--since 1h] [--follow]
       loadstone edge logs --bundle [FOLDER] [--since 24h]
       loadstone edge enrol URL --token-file FILE | --request FILE | --answer FILE
       loadstone edge trust reset [--keys FILE] --reason TEXT
       loadstone edge backup DIR | restore DIR|FILE [--force] [--passphrase-file FILE]
       loadstone edge scan HOST[-LAST] [--port 502] [--unit 1[-LAST]] [--timeout MS] [--json | --write]
       loadstone edge scan /dev/ttyUSB0 [--baud 19200] [--parity even] [--unit 1[-LAST]] [--timeout MS] [--json | --write]

The gateway of one substation. It reads its devices, keeps measured values inside their limits, follows the signed plan of the cloud
and continues without it. The commands talk to the running gateway and need no cloud.

  status           link, clock, backlog and mode; for each device its value, the limit in force and who set it
  check            reports whether clock, journal, cloud and every device work; without a running gateway it tries them itself
  test             proves sign, scale and delay of a device: measures the noise of its meter, switches the device on and off at random
                   times and compares; takes two minutes with a quiet meter, five at most
  mode             monitor commands nothing, manual only guards, automatic follows targets
  manual           on: for a time no plan or operator moves DEVICE, or any device; with --set at a setpoint given here. The guard stays on
  stop, resume     stop: DEVICE, or all, goes to its safe default at once; resume: lifts the stop
  tag, untag       tag: bars all commands to a device; untag: removes the tag
  passwd           reads a password from stdin and prints the line for a userFile
  logs             log of the daemon; with --bundle one file for support (computer, configuration, status, journal, events, log), without
                   passwords and keys, also when the gateway does not run
  enrol            gets the certificate of the gateway. It pins the root that the token names; the private key is made here and never
                   leaves. Names and addresses missing from the configuration are filled in. Without a connection to the cloud,
                   --request writes a file to carry there and --answer reads what comes back. The daemon renews the certificate
  trust reset      for root, while the gateway is stopped, after the cloud was replaced or lost its root key: deletes the key lists and
                   documents that the gateway accepted, so that it accepts older ones again; --keys pins the root of the new cloud.
                   The next start reports to the cloud who did it and why
  backup, restore  backup: identity and state in one file, encrypted with a passphrase; restore: puts them onto another computer
  scan             finds SunSpec devices and prints maker, serial number, models and YAML lines to paste

  --config FILE      configuration (default /etc/loadstone/gateway.yaml); if it is missing, the gateway holds the fail-safe and says so
  --set KEY=VALUE    overrides a configuration key: --set uplink.url=mqtts://grid.example.net:8883
                     (as does the environment: LOADSTONE_UPLINK__URL); manual, test: the setpoint, --set activePowerKw=-20
  --print-config     every configuration key with its meaning
  --print-config --short   only the keys that differ from the defaults
  --log-level LEVEL  trace, debug, info, warn, error, fatal or silent (default info; or environment: LOADSTONE_LOG)
  --timeline         plant time comes from the parent process; for simulations
  --socket PATH      socket of the running gateway; default: as configured
  --for DURATION     90s, 15m, 2h; manual: how long (default 1h); test: longest duration (default 5m)
  --reason TEXT      why; stored with the change
  --user NAME        check by root without a running gateway: user who reads the files (default loadstone-edge)
  --json             status, check, scan: output as JSON
  --write            scan: writes a configuration from the findings; never replaces one
  --port N           scan: TCP port (default 502)
  --unit N[-LAST]    scan: Modbus units (default 1)
  --baud N           scan: speed of the serial port, bit/s (default 19200)
  --parity P         scan: none, even or odd (default even)
  --timeout MS       scan: longest wait for an answer (default 1500)
  --since DURATION   logs: how far back (default 1h; with --bundle 24h)
  --follow           logs: prints new lines as they come
  --bundle           logs: writes one file for support, to FOLDER or the current folder
  --step-test        check: also tests each commanded device with a small step
  --force            restore: replaces existing files, and removes state that the backup does not have
  --passphrase-file FILE   backup, restore: its first line is the passphrase, 12 characters or more; without it you are asked
  --unencrypted      restore: accepts an unencrypted backup, as older versions wrote it
  --keys FILE        trust reset: trusted-keys.json of the new cloud, brought on site; without it the pinned root stays
  --token-file FILE  enrol: the token that "loadstone pki token GATEWAY" printed
  --help             this text

examples:
  loadstone edge test pv-1 --set activePowerLimitKw=100
  loadstone edge scan 192.168.10.21
  sudo loadstone edge enrol https://grid.example.net --token-file token.txt
  sudo loadstone edge trust reset --keys /media/usb/trusted-keys.json --reason "new cloud"
  loadstone edge scan 192.168.10.20-40 --unit 1-3
  loadstone edge --config gateway.yaml
  loadstone edge status
  loadstone edge manual on --for 2h --reason "meter swap"
  loadstone edge manual on battery-1 --set activePowerKw=-20 --for 15m --reason "capacity test"
  loadstone edge logs --bundle /media/usb
  loadstone edge stop pv-1 --reason "work on the roof"

exit codes: 0 good, 1 a device, the uplink or the running gateway is missing or a test failed, 2 wrong configuration or command line
`;
