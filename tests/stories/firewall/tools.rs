use laboratory::loader::Loader;

use super::{export, installation};

/// A world beyond a cable, with a carrier of the exported ones and a stranger in it.
const WORLD: &str = "
unshare --net sleep 600 >/dev/null 2>&1 & world=$! started=$!
while [ \"$(readlink /proc/$world/ns/net)\" = \"$(readlink /proc/self/ns/net)\" ]; do :; done
ip link add near type veth peer name far netns $world
ip address add 192.0.2.10/32 dev near
ip link set near up
ip route add default dev near
out() { nsenter --net=/proc/$world/ns/net \"$@\"; }
out ip address add 195.94.225.2/32 dev far
out ip address add 198.51.100.66/32 dev far
out ip link set far up
out ip route add default dev far
probe() { python3 probe.py $world; }
";

/// Prints from whom packets to a port came, up to the first of the carrier, which is sent last.
const PROBE: &str = r#"
import socket, subprocess, sys
ours = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
ours.bind(("192.0.2.10", 5060))
ours.settimeout(0.5)
send = "import socket, sys\nfor source in ['198.51.100.66'] * 5 + ['195.94.225.2']:\n" \
    " s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind((source, 5060))\n" \
    " s.sendto(source.encode(), ('192.0.2.10', 5060)); s.close()\n"
for attempt in range(60):
    subprocess.run(["nsenter", "--net=/proc/%s/ns/net" % sys.argv[1], "python3", "-c", send], check=True)
    try:
        while True:
            heard = ours.recv(100).decode()
            print("heard", heard, flush=True)
            if heard == "195.94.225.2":
                sys.exit(0)
    except socket.timeout:
        pass
sys.exit("the carrier was not heard")
"#;

fn loader(files: &[(&str, &str)]) -> Loader {
    let loader = Loader::new();
    loader.put("probe.py", PROBE);
    for (name, text) in files {
        loader.put(name, text);
    }
    loader
}

/// The carrier came through and the stranger did not; before, both did.
fn assert_heard(said: &str) {
    let (before, after) = said.split_once("loaded\n").unwrap();
    assert!(before.contains("heard 198.51.100.66"), "the probe proves nothing: {before}");
    assert!(after.contains("heard 195.94.225.2") && !after.contains("heard 198.51.100.66"), "{after}");
}

pub(super) fn nftables() {
    let fleet = installation();
    let loader = loader(&[("a.nft", &export(&fleet, "nftables", &[]))]);
    let said = loader.run(&format!(
        "{WORLD} probe
         nft -c -f a.nft; nft -f a.nft; nft -s list ruleset >first
         nft -f a.nft; nft -s list ruleset >second; cmp first second; cat second
         echo loaded; probe"
    ));
    assert_heard(&said);
    for text in ["203.0.113.0/25", "2001:db8:53::/64", "195.94.225.2", "udp dport 4569 goto iax2"] {
        assert!(said.contains(text), "no {text}: {said}");
    }
}

/// Chains somebody else keeps in the table go on as they are.
pub(super) fn sets_only() {
    let fleet = installation();
    let loader = loader(&[("a.nft", &export(&fleet, "nftables", &["--sets-only"]))]);
    let said = loader.run(
        "nft -f a.nft
         nft add chain inet dialplane mine '{ type filter hook input priority 0; }'
         nft add rule inet dialplane mine ip saddr @sip_v4 accept
         nft -f a.nft; nft list table inet dialplane",
    );
    assert!(said.contains("ip saddr @sip_v4 accept") && said.contains("203.0.113.0/25"), "{said}");
}

pub(super) fn ipset() {
    let fleet = installation();
    let text = export(&fleet, "ipset", &[]);
    let more =
        text.replace("add dialplane-sip-v4-next 195.94.225.2\n", "add dialplane-sip-v4-next 198.51.100.66\n");
    assert_ne!(more, text);
    let loader = loader(&[("a.ipset", &text), ("old.ipset", &more)]);
    let said = loader.run(&format!(
        "{WORLD} ipset restore -f old.ipset
         iptables -A INPUT -p udp --dport 5060 -m set ! --match-set dialplane-sip-v4 src -j DROP
         iptables -D INPUT 1; probe
         iptables -A INPUT -p udp --dport 5060 -m set ! --match-set dialplane-sip-v4 src -j DROP
         ipset restore -f a.ipset; ipset restore -f a.ipset; ipset save
         echo loaded; probe"
    ));
    assert_heard(&said);
    assert!(said.contains("add dialplane-sip-v6 2001:db8:53::/64") && !said.contains("-next"), "{said}");
    assert!(!said.contains("add dialplane-sip-v4 198.51.100.66"), "what is old is gone: {said}");
}

pub(super) fn iptables() {
    let fleet = installation();
    let loader = loader(&[("a.rules", &export(&fleet, "iptables", &[]))]);
    let said = loader.run(&format!(
        "{WORLD} probe
         iptables -A INPUT -p tcp --dport 22 -j ACCEPT
         iptables-restore --noflush a.rules
         iptables -C INPUT -j dialplane 2>&- || iptables -I INPUT -j dialplane
         iptables-restore --noflush a.rules; iptables-save
         echo loaded; probe"
    ));
    assert_heard(&said);
    assert_eq!(said.matches("-A INPUT -j dialplane\n").count(), 1, "{said}");
    assert!(said.contains("--dport 22 -j ACCEPT"), "what is somebody else's stays: {said}");
    assert_eq!(said.matches("-A dialplane-sip -s 195.94.225.2/32 -j RETURN\n").count(), 1, "{said}");
}

pub(super) fn ip6tables() {
    let fleet = installation();
    let loader = loader(&[("a.rules", &export(&fleet, "iptables", &["--family", "6"]))]);
    let said = loader.run(
        "ip6tables-restore --noflush a.rules; ip6tables-restore --noflush a.rules
         ip6tables -I INPUT -j dialplane; ip6tables-restore --noflush a.rules; ip6tables-save",
    );
    assert_eq!(said.matches("-A dialplane-sip -s 2001:db8:53::/64 -j RETURN\n").count(), 1, "{said}");
    assert_eq!(said.matches(" -j DROP\n").count(), 2, "SIP and IAX2: {said}");
}

/// Each line is handed to iptables, whatever becomes of it, when a firewall of its own that is closed has started.
pub(super) fn freepbx() {
    let fleet = installation();
    let loader = loader(&[("firewall-4.rules", &export(&fleet, "freepbx", &[]))]);
    let said = loader.run(&format!(
        "{WORLD} probe; iptables -P INPUT DROP
         load() {{ while read -r line; do iptables $line 2>&- || true; done <firewall-4.rules; }}
         load; load; iptables-save; echo loaded; probe"
    ));
    assert_heard(&said);
    assert_eq!(said.matches("-A INPUT -j dialplane\n").count(), 1, "{said}");
    assert_eq!(said.matches("-A dialplane-sip -s 203.0.113.0/25 -j ACCEPT\n").count(), 1, "{said}");
}

/// What it spared before, it still does.
pub(super) fn fail2ban() {
    let fleet = installation();
    let jail = "[DEFAULT]\nignoreip = 192.0.2.9\n[asterisk]\nenabled = true\nbackend = auto\nlogpath = log\n\
        [sshd]\nenabled = false\n";
    let loader =
        loader(&[("dialplane.local", &export(&fleet, "fail2ban", &[])), ("jail.local", jail), ("log", "")]);
    let said = loader.run(
        "mkdir etc; cp -r /etc/fail2ban/. etc/; cp jail.local etc/; cp dialplane.local etc/jail.d/
         fail2ban-client -c etc -t; fail2ban-client -c etc -d | grep addignoreip",
    );
    let spared = said.lines().find(|line| line.contains("addignoreip")).unwrap_or_default();
    for address in ["192.0.2.9", "195.94.225.2", "203.0.113.0/25", "2001:db8:53::/64"] {
        assert!(spared.contains(&format!("'{address}'")), "no {address}: {said}");
    }
}

pub(super) fn kamailio() {
    let fleet = installation();
    let configuration = "#!KAMAILIO
children=1
listen=udp:127.0.0.1:5099
disable_tcp=yes
log_stderror=yes
loadmodule \"ctl.so\"
loadmodule \"pv.so\"
loadmodule \"permissions.so\"
modparam(\"ctl\", \"binrpc\", \"unixs:FOLDER/k.sock\")
modparam(\"permissions\", \"address_file\", \"FOLDER/address\")
request_route { drop; }
";
    let loader = loader(&[("address", &export(&fleet, "kamailio", &[])), ("kamailio.cfg", configuration)]);
    let said = loader.run(
        "sed -i \"s|FOLDER|$PWD|\" kamailio.cfg
         kamailio -c -f kamailio.cfg 2>check.log
         kamailio -DD -E -f kamailio.cfg >k.log 2>&1 & started=$!
         ask() { kamcmd -s \"unixs:$PWD/k.sock\" \"$@\"; }
         tries=0; until ask core.uptime >/dev/null 2>&1; do tries=$((tries + 1)); [ $tries -lt 600 ]; sleep 0.1; done
         ask permissions.addressReload
         ask permissions.addressDump; ask permissions.subnetDump",
    );
    for text in
        ["Reload OK", "195.94.225.2", "203.0.113.0", "2001:db8:53::", "tag: provider-99", "tag: server-2"]
    {
        assert!(said.contains(text), "no {text}: {said}");
    }
    assert!(!said.contains("0.0.0.0"), "a comment became a row: {said}");
}
