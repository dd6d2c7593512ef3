//! The configuration of a node: the shipped dialplan and samples as they are, and the laboratory's own sections.

use std::{fs, path::Path, sync::Once};

use super::{Driver, PLANS, Plan};
use crate::{
    carriers::{CARRIERS, Carrier},
    namespace::Run,
    phones::{PHONES, Phone, SECRET},
    pool::LOGINS,
    process::finish,
    roots::Root,
    router::{self, Data},
};

/// What a node of ours needs and no more; the first group is what the dialplan's README asks for.
const MODULES: &str = "func_curl res_curl func_strings func_uri func_cut func_logic func_math func_callerid \
    func_channel func_hangupcause func_global func_dialplan app_dial app_stack app_exec app_userevent app_verbose \
    app_echo app_queue pbx_config chan_iax2 res_speech res_agi \
    res_sorcery_config res_sorcery_memory res_sorcery_astdb res_timing_timerfd res_crypto res_pjproject res_rtp_asterisk \
    bridge_simple bridge_native_rtp bridge_softmix bridge_builtin_features bridge_builtin_interval_features \
    codec_ulaw codec_alaw codec_a_mu format_pcm";
const PJSIP_MODULES: &str = "res_pjsip res_pjsip_session res_pjsip_sdp_rtp res_pjsip_caller_id \
    res_pjsip_rfc3326 res_pjsip_endpoint_identifier_ip res_pjsip_endpoint_identifier_user \
    res_pjsip_authenticator_digest res_pjsip_outbound_authenticator_digest res_pjsip_outbound_registration \
    res_pjsip_registrar res_pjsip_header_funcs res_pjsip_diversion res_pjsip_refer \
    res_pjsip_pubsub res_pjsip_acl res_pjsip_nat func_pjsip_endpoint func_pjsip_aor func_pjsip_contact chan_pjsip";
const CHAN_SIP_MODULES: &str = "chan_sip";

/// Places the two Debian packages put their modules in.
const MODULE_FOLDERS: [&str; 2] = ["/usr/lib/x86_64-linux-gnu/asterisk/modules", "/usr/lib/asterisk/modules"];

/// Before the name of its node what the member of a queue is called as.
const QUEUE_MEMBER: &str = "member";

const DIALPLAN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../dialplan");

/// The laboratory's own places in the dialplan: two for answers that send a call there, and two stars before a called
/// number, which is then asked for over FastAGI.
const EXTENSIONS: &str = "
[lab-after]
exten => 600,1,Hangup(22)
exten => 700,1,Answer()
 same => n,Queue(lab,r)
[users_context](+)
exten => _**.,1,Set(DP_AGI1=agi://127.0.0.1:4573)
 same => n,Goto(users_context,${EXTEN:2},1)
[public](+)
exten => _**.,1,Set(DP_AGI1=agi://127.0.0.1:4573)
 same => n,Goto(public,${EXTEN:2},1)
";

/// The tones Asterisk makes itself where a carrier rings after another one has already sent media.
const INDICATIONS: &str = "[general]\ncountry = us\n[us]\ndescription = US\nringcadence = 2000,4000\n\
    dial = 350+440\nbusy = 480+620/500,0/500\nring = 440+480/2000,0/4000\ncongestion = 480+620/250,0/250\n";

/// Writes everything a node reads. `outside` and `inside` are the names of its folder.
pub(super) fn write(plan: &Plan, data: &Data, outside: &Path, inside: &str) {
    let folder = outside.join("etc");
    let put = |file: &str, text: &str| fs::write(folder.join(file), text).unwrap();
    put("asterisk.conf", &asterisk_conf(plan.name, plan.root, inside));
    put("modules.conf", &modules_conf(plan.driver));
    put("logger.conf", "[general]\nqueue_log = no\n[logfiles]\nfull => notice,warning,error,verbose\n");
    put("extensions.conf", &extensions_conf(plan));
    put("manager.conf", &manager_conf(plan.address));
    put("rtp.conf", "[general]\nrtpstart = 30000\nrtpend = 39999\n");
    put("extensions-dialplane.conf", &shipped("extensions-dialplane.conf"));
    let export = |what: &[&str]| data.print(&[what, &["--node", plan.name]].concat());
    let peers = |format: &str| export(&["peers", "export", "--format", format, "--key-file", "hop.key"]);
    put("iax.conf", &(iax_conf(plan) + &peers("iax")));
    hand_out_keys(plan, &outside.join("lib/keys"));
    match plan.driver {
        Driver::Pjsip => put("pjsip.conf", &(pjsip_conf(plan) + &peers("pjsip"))),
        Driver::ChanSip => put("sip.conf", &(sip_conf(plan) + &peers("sip"))),
    }
    if plan.has_fallback() {
        put("dialplane-fallback.conf", &export(&["fallback", "export"]));
    }
    for empty in ["acl.conf", "pjproject.conf", "stasis.conf", "features.conf", "cel.conf", "cdr.conf"] {
        put(empty, "");
    }
    put("indications.conf", INDICATIONS);
    put("queues.conf", &queues_conf(plan));
    for general in ["ccss.conf", "udptl.conf"] {
        put(general, "[general]\n");
    }
}

fn iax_conf(plan: &Plan) -> String {
    adapted("samples/iax.conf", &[("bindaddr = 0.0.0.0", format!("bindaddr = {}", plan.address))])
}

/// A queue whose only member is reached by way of a carrier that answers and hangs up.
fn queues_conf(plan: &Plan) -> String {
    let member = match plan.driver {
        Driver::Pjsip => format!("PJSIP/{QUEUE_MEMBER}-{}@hangs-up,0,,PJSIP/hangs-up", plan.name),
        Driver::ChanSip => format!("SIP/hangs-up/{QUEUE_MEMBER}-{},0,,SIP/hangs-up", plan.name),
    };
    format!("[general]\n[lab]\nmember => {member}\n")
}

/// Every node has a key of its own and the public halves of all others'.
fn hand_out_keys(plan: &Plan, folder: &Path) {
    static MADE: Once = Once::new();
    let (outside, inside) = Run::current().file("keys");
    MADE.call_once(|| {
        fs::create_dir_all(&outside).unwrap();
        for plan in PLANS {
            let key = format!("{inside}/iax-{}", plan.name);
            let openssl =
                |arguments: &[&str]| finish(Root::Tools.command("/usr/bin/openssl").args(arguments));
            openssl(&["genrsa", "-traditional", "-out", &format!("{key}.key"), "1024"]);
            openssl(&["rsa", "-in", &format!("{key}.key"), "-pubout", "-out", &format!("{key}.pub")]);
        }
    });
    for other in PLANS {
        let suffix = if other.name == plan.name { "key" } else { "pub" };
        let file = format!("iax-{}.{suffix}", other.name);
        fs::copy(outside.join(&file), folder.join(&file)).unwrap();
    }
}

/// A file of `dialplan/`.
fn shipped(file: &str) -> String {
    fs::read_to_string(Path::new(DIALPLAN).join(file))
        .unwrap_or_else(|error| panic!("dialplan/{file}: {error}"))
}

/// A shipped file with some of its lines replaced; a line that is not there is a sample that has changed.
fn adapted(file: &str, changes: &[(&str, String)]) -> String {
    changes.iter().fold(shipped(file), |text, (line, replacement)| {
        assert!(text.contains(line), "dialplan/{file} has no `{line}` any more");
        text.replace(line, replacement)
    })
}

pub(crate) fn asterisk_conf(name: &str, root: Root, inside: &str) -> String {
    let modules = root.first_existing(&MODULE_FOLDERS);
    let places = [
        ("astcachedir", "spool/tmp"),
        ("astetcdir", "etc"),
        ("astvarlibdir", "lib"),
        ("astdbdir", "lib"),
        ("astkeydir", "lib"),
        ("astagidir", "lib/agi-bin"),
        ("astspooldir", "spool"),
        ("astrundir", "run"),
        ("astlogdir", "log"),
    ];
    let places = each(&places, |(key, place)| format!("{key} => {inside}/{place}\n"));
    format!(
        "[directories]\n{places}astmoddir => {modules}\nastdatadir => /usr/share/asterisk\nastsbindir => /usr/sbin\n\
         [options]\ndocumentation_language = en_US\nsystemname = {name}\n"
    )
}

fn modules_conf(driver: Driver) -> String {
    let driver = match driver {
        Driver::Pjsip => PJSIP_MODULES,
        Driver::ChanSip => CHAN_SIP_MODULES,
    };
    modules_conf_of(&[MODULES, driver].join(" "))
}

/// For these modules and no others.
pub(crate) fn modules_conf_of(modules: &str) -> String {
    let modules: Vec<&str> = modules.split_whitespace().collect();
    let loads = each(&modules, |module| format!("load = {module}.so\n"));
    format!("[modules]\nautoload = no\n{loads}")
}

fn extensions_conf(plan: &Plan) -> String {
    let globals = adapted(
        "dialplane-globals.conf",
        &[
            ("DP_NODE = node-a", format!("DP_NODE = {}", plan.name)),
            ("DP_TOKEN = change-me", format!("DP_TOKEN = {}", router::token(plan.name))),
        ],
    );
    format!(
        "[general]\nstatic = yes\nwriteprotect = yes\n[globals]\n{globals}\n#include extensions-dialplane.conf\n{EXTENSIONS}"
    )
}

/// The shipped account, for whoever is in the laboratory.
pub(crate) fn manager_conf(address: &str) -> String {
    adapted(
        "samples/manager.conf",
        &[
            ("bindaddr = 127.0.0.1", format!("bindaddr = {address}")),
            ("permit = 127.0.0.1/255.255.255.255", "permit = 192.0.2.0/255.255.255.0".into()),
        ],
    )
}

fn pjsip_conf(plan: &Plan) -> String {
    let bind = format!("bind = {}:5060", plan.address);
    let sample = adapted("samples/pjsip.conf", &[("bind = 0.0.0.0:5060", bind)]);
    let phones = each(PHONES, |Phone { name, variables }| {
        format!(
            "[{name}](phone)\nauth = {name}\naors = {name}\ncallerid = {name} <{name}>\n{}\
             [{name}](phone-auth)\nusername = {name}\npassword = {SECRET}\n[{name}](phone-aor)\n{}",
            each(variables, |variable| format!("set_var = {variable}\n")),
            if *name == "1013" { "max_contacts = 2\nremove_existing = no\n" } else { "" },
        )
    });
    let ipv6 = format!(
        "[udp6]\ntype = transport\nprotocol = udp\nbind = [{}]:5060\n",
        plan.ipv6.expect("a node with PJSIP has an IPv6 address")
    );
    let carriers = each(CARRIERS, |carrier| {
        let (name, host) = (carrier.name, carrier.host());
        format!(
            "[{name}](carrier)\naors = {name}\n{}{}[{name}](carrier-aor)\ncontact = sip:{host}:5060\n\
             [{name}](carrier-identify)\nendpoint = {name}\nmatch = {}\n",
            if carrier.is_ipv6() { "rtp_ipv6 = yes\n" } else { "" },
            each(carrier.variables(), |variable| format!("set_var = {variable}\n")),
            carrier.matched()
        )
    });
    let registrar = Carrier::named("registrar").host();
    let logins = each(&LOGINS, |login| {
        let name = login.name;
        format!(
            "[{name}](carrier)\naors = {name}\noutbound_auth = {name}\n\
             [{name}](carrier-aor)\ncontact = sip:{registrar}:5060\n\
             [{name}](login-auth)\nusername = {name}\npassword = {SECRET}\n\
             [{name}](login-registration)\nendpoint = {name}\noutbound_auth = {name}\n\
             server_uri = sip:{registrar}\nclient_uri = sip:{name}@{registrar}\ncontact_user = {}\n",
            login.pjsip_user
        )
    });
    sample + &ipv6 + &phones + &carriers + &logins
}

fn sip_conf(plan: &Plan) -> String {
    let bind = format!("udpbindaddr = {}:5060", plan.address);
    let sample = adapted("samples/sip.conf", &[("udpbindaddr = 0.0.0.0:5060", bind)]);
    let variables = |of: &[&str]| each(of, |variable| format!("setvar = {variable}\n"));
    let phones = each(PHONES, |Phone { name, variables: own }| {
        format!("[{name}](phone)\nsecret = {SECRET}\ncallerid = {name} <{name}>\n{}", variables(own))
    });
    let known: Vec<_> = CARRIERS.iter().filter(|carrier| carrier.is_known_to(plan)).collect();
    let carriers = each(&known, |carrier| {
        let (name, address) = (carrier.name, carrier.address());
        format!("[{name}](carrier)\nhost = {address}\n{}", variables(carrier.variables()))
    });
    let registrar = Carrier::named("registrar").address();
    let logins = each(&LOGINS, |login| {
        let name = login.name;
        format!(
            "[{name}](carrier)\nhost = {registrar}\ndefaultuser = {name}\nsecret = {SECRET}\n\
             callbackextension = {name}\n"
        )
    });
    sample + &phones + &carriers + &logins
}

fn each<T>(rows: &[T], lines: impl Fn(&T) -> String) -> String {
    rows.iter().map(lines).collect()
}
