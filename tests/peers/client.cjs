// Counts events with asterisk-manager: prints how many, and the seconds from the first to the last.
const { createRequire } = require("node:module");
const installed = createRequire(process.env.DIALPLANE_PEERS_MODULES + "/");
const AsteriskManager = installed("asterisk-manager");

let seen = 0, first = 0, last = 0;
function tell() {
  console.log(seen, (last - first) / 1000);
  process.exit(0);
}
const ami = new AsteriskManager(process.argv[2], "127.0.0.1", "u", "s", true);
ami.on("managerevent", (event) => {
  seen += 1;
  last = performance.now();
  first = first || last;
  if (event.userevent === "LastOne") tell();
});
setTimeout(tell, 120000);
