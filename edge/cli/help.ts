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

  status           link, clock, backlog, mode; of each device its value, the limit in force and who set it
  check            all that the daemon will do, before it does; without a running gateway it reads the devices itself
  test             proves sign, scale and delay of a device: it measures the noise of the meter, switches the device on and off at random
                   times, and compares; two minutes beside a quiet meter, five at most
  mode             monitor commands nothing, manual only guards, automatic follows targets
  manual           for a time neither plan nor operator moves a DEVICE, or any; with --set its setpoint from here; the guard stays on
  stop, resume     stops a device, or all, at once; lets them go on
  tag, untag       bars all commands to a device, until the mark is removed
  passwd           reads a password from its input and prints the line of a userFile
  logs             the daemon's log of the service manager; with --bundle one file for support (computer, configuration, status, journal,
                   events, log) without passwords and keys, whether the gateway runs or not
  enrol            gets the gateway its certificate: it pins the root that the token names, and the key is made here and stays. Names and
                   address that the configuration leaves open come with the answer. Where there is no line to the cloud, --request writes
                   a file to carry there, and --answer takes what comes back. The daemon renews the certificate
  trust reset      for root alone, while the gateway is stopped: where the cloud was replaced, or the root of its keys is lost, --keys pins
                   that of the cloud of now. Lists of keys and documents that the gateway took go, and so do the marks that newer ones
                   have to lie above. The next start tells the cloud who did it, and why
  backup, restore  identity and memory in one file, encrypted under a passphrase; puts it onto another computer
  scan             looks for SunSpec devices and prints maker, serial number, models and the YAML lines to paste

  --config FILE      configuration (default /etc/loadstone/gateway.yaml); without the file it holds the fail-safe and says so
  --set KEY=VALUE    overrides a key of the configuration: --set uplink.url=mqtts://grid.example.net:8883
                     (so does the environment: LOADSTONE_UPLINK__URL); for manual: the setpoint, --set activePowerKw=-20
  --print-config     every key of the configuration with its meaning
  --print-config --short   what in the configuration differs from the defaults
  --log-level LEVEL  trace, debug, info, warn, error, fatal or silent (default info; so does the environment: LOADSTONE_LOG)
  --timeline         plant time comes from the parent process; for simulations
  --socket PATH      where the running gateway listens; default: as the configuration says
  --for DURATION     90s, 15m, 2h (default 1h); test: the most that it takes (5m)
  --reason TEXT      why; it is stored with the change
  --user NAME        check by root without a running gateway: as whom files are read (loadstone-edge)
  --json             status or scan as JSON
  --write            scan: makes the configuration of what it found, where there is none yet
  --since DURATION   logs: how far back (1h; 24h for --bundle)
  --follow           logs: prints new lines as they come
  --bundle           logs: one file for support, in the given folder or this one
  --step-test        check: the same as test, with a small step, for each commanded device
  --force            restore: replaces existing files
  --passphrase-file FILE   backup, restore: the passphrase is its first line, 12 characters or more; without it, it is asked for
  --unencrypted      restore: takes a backup in clear, as older versions made it
  --keys FILE        trust reset: trusted-keys.json of the cloud, brought on site; without it, what is pinned stays
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

exit codes: 0 good, 1 a device, the uplink or the running gateway is missing, 2 the configuration or the command line is wrong
`;
