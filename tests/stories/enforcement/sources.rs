//! A node without a database.

use std::{fs, io::Read, net::TcpListener, time::Duration};

use laboratory::{fleet::Fleet, networks::Ground, wait_until};
use libtest_mimic::Trial;

use super::scene::Scene;

const LIMIT: Duration = Duration::from_mins(1);

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("enforcement::what_is_loaded_outlives_the_api", || {
        api();
        Ok(())
    })]
}

fn api() {
    let scene = Scene::new("api", "nftables", 3);
    let token = scene.fleet.must(&["token", "create", "--role", "operator"]);
    // What listens at the node's own address 127.0.0.1 listens in its network.
    let mut api = scene.ground.node.within(|| scene.fleet.api("asked", &[]));
    let url = format!("http://127.0.0.1:{}", api.api_port());
    let [right, wrong] = [("token", &*token), ("wrong", "dpa_none\n")].map(|(name, token)| {
        scene.program(name, "");
        fs::write(scene.file(name), token).unwrap();
        scene.file(name).to_str().unwrap().to_owned()
    });
    let asking = |token| ["--api", &url, "--token-file", token];
    let from_api = asking(&right);
    let contains = |address: &str| scene.loaded().contains(address).then_some(());
    assert!(scene.must(&apply(&[], &from_api)).contains("3 networks"));
    let refused = scene.run(&apply(&[], &asking(&wrong)));
    assert_eq!((refused.code, refused.err.contains("401")), (2, true), "{refused:?}");

    // Another machine, as far as anybody can tell: no token goes there in the clear.
    let other = scene.ground.node.within(|| TcpListener::bind((Ground::NODE, 8080)).unwrap());
    let url = format!("http://{}:8080", Ground::NODE);
    let shown = scene.run(&["apply", "--api", &url, "--token-file", &right]);
    assert_eq!((shown.code, shown.err.contains("https only")), (2, true), "{shown:?}");
    let mut heard = String::new();
    other.accept().unwrap().0.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "");

    let shown = format!("127.0.0.1:{}", Fleet::fresh_port());
    let mut watch = scene.start(&apply(&["--watch", "--metrics", &shown], &from_api));
    scene.edit(&["set", "provider_addresses", "2", "domainname=203.0.113.200"]);
    wait_until("an edit is followed", LIMIT, || contains("203.0.113.200"));
    assert!(contains("203.0.113.0").is_none(), "the address it had is gone");

    api.stop();
    wait_until("it is said", LIMIT, || scene.log().contains("the source says nothing").then_some(()));
    scene.edit(&["set", "provider_addresses", "3", "domainname=203.0.113.211"]);
    let away = scene.run(&apply(&[], &from_api));
    assert_eq!(away.code, 3, "{away:?}");
    scene.ground.node.tool("nft", "delete element inet dialplane sip_v4 { 203.0.113.200 }");
    wait_until("other hands are mended without it too", LIMIT, || contains("203.0.113.200"));
    assert!(contains("203.0.113.211").is_none());

    scene.ground.node.within(|| {
        api.start();
        api.wait_ready();
    });
    wait_until("it is followed again", LIMIT, || contains("203.0.113.211"));
    assert_eq!(scene.log().matches("the source says nothing").count(), 1, "said once");
    let before = scene.loaded();
    scene.fleet.must(&["rows", "set", "providers", "1", "enabled=false"]);
    wait_until("a set without addresses is refused", LIMIT, || {
        scene.log().matches("the source says nothing").nth(1).map(drop)
    });
    let refused = scene.run(&apply(&[], &from_api));
    assert_eq!((refused.code, scene.loaded()), (4, before.clone()), "{refused:?}");
    watch.signal("TERM");
    assert!(watch.wait(LIMIT).success());
    assert_eq!(scene.loaded(), before, "what is loaded stays");
}

fn apply<'a>(more: &[&'a str], asking: &[&'a str]) -> Vec<&'a str> {
    [&["apply"], more, asking].concat()
}
