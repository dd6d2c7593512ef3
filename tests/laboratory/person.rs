//! A call placed by hand.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::{
    asterisk::PLANS,
    namespace::Run,
    phones::Call,
    roots::{RUN_INSIDE, Root},
    scenario,
};

const SCRIPT: &str = "call";

/// Places a call with SIPp and shows what the phone heard and what the carriers received.
/// SIPp's log is a sequence of entries `-----… TIME`, `UDP message received …`, blank line, message.
const TEXT: &str = r#"#!/bin/sh
[ $# = 2 ] || { echo "usage: call NODE NUMBER"; exit 2; }
cd /lab/sipp
case $1 in
NODES*) echo "no node $1"; exit 2 ;;
esac
log=by-hand.$$
sipp "$address:5060" -sf /lab/by-hand.xml -s "$2" -m 1 -d 1000 -i 198.51.100.254 -p 5060 -mp 9000 \
    -timeout 30 -trace_msg -message_file "/lab/sipp/$log" >/dev/null 2>&1
show='BEGIN { RS = "-----------------------------------------------"; FS = "\r?\n" }
    $2 ~ /received/ && $4 ~ want && index($0, number) {
        from = ""
        for (i = 5; who != "" && i <= NF; i++) if ($i ~ /^From:/) from = "  " $i
        print $1 "  " who $4 from
    }'
echo "The phone heard:"
awk -v want='^SIP/2.0' -v number="$2" -v who= "$show" "$log"
echo "The carriers received:"
for carrier in carrier-*.messages; do
    name=${carrier#carrier-}
    awk -v want='^INVITE' -v number="${2#'**'}@" -v who="${name%.messages}  " "$show" "$carrier"
done | sort
"#;

pub fn write_script(run: &Run) {
    let nodes = PLANS.map(|plan| format!("{}) address={} ;;\n", plan.name, plan.address)).concat();
    let path = run.folder.join(SCRIPT);
    fs::write(&path, TEXT.replace("NODES", &nodes)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    // SIPp fills in the number that stands on its command line.
    let call = Call::new(&PLANS[0], "1001", "CALLED");
    fs::write(run.folder.join("by-hand.xml"), scenario::phone(&call).replace("CALLED", "[service]")).unwrap();
}

/// The command line a person pastes, up to the node and the number.
pub fn command(run: &Run) -> String {
    format!("{} chroot {} {RUN_INSIDE}/{SCRIPT}", run.nsenter(), Root::Tools.path().display())
}
