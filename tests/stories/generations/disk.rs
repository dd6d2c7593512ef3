//! What a router keeps on disk: damaged, it is noticed, and the one before is used.

use std::{
    fs,
    path::{Path, PathBuf},
};

use laboratory::{
    fleet::{Fleet, LIMIT, Member},
    servers::Server,
    wait_until,
};
use libtest_mimic::Trial;

use super::{ask, assert_dials, name_gate, wait_dials, with_article};

pub(crate) fn trials() -> Vec<Trial> {
    let cut = story("disk::a_file_that_was_cut_is_passed_over", |server| {
        one_damaged(server, |bytes| bytes.truncate(bytes.len() * 2 / 3));
    });
    let flipped = story("disk::a_file_with_one_flipped_bit_is_passed_over", |server| {
        one_damaged(server, |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        });
    });
    let all = story("disk::with_all_files_damaged_the_database_is_waited_for", all_damaged);
    vec![cut, flipped, all]
}

fn story(name: &str, told: impl FnOnce(Server) + Send + 'static) -> Trial {
    Trial::test(format!("generations::{name}"), move || {
        told(Server::postgres());
        Ok(())
    })
}

/// A router that has seen three generations and is not running, on a server that has gone.
fn seen_three(server: &mut Server) -> (Fleet, Member) {
    let fleet = with_article(Fleet::on(&server.fresh()).with("GENERATIONS__SCAN_S", "1"));
    let mut router = fleet.router("one");
    for gate in ["second", "third"] {
        assert_eq!(name_gate(&fleet, gate).code, 0);
        wait_dials(&[&router], gate);
        // It answers before it keeps.
        wait_until("the generation is on disk", LIMIT, || {
            let number = router.ask(&ask()).get("gen").to_owned();
            newest_name(&router).ends_with(&format!("-{number}.generation")).then_some(())
        });
    }
    assert_eq!(router.kept().len(), 3);
    router.kill();
    server.stop();
    (fleet, router)
}

fn newest_name(router: &Member) -> String {
    router.kept().first().map(|path| path.display().to_string()).unwrap_or_default()
}

fn damage(path: &Path, how: impl Fn(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    how(&mut bytes);
    fs::write(path, bytes).unwrap();
}

fn one_damaged(mut server: Server, how: impl Fn(&mut Vec<u8>)) {
    let (fleet, mut router) = seen_three(&mut server);
    let newest = router.kept().remove(0);
    damage(&newest, how);
    router.start();
    router.wait_ready();
    assert_dials(&[&router], "second");
    let log = router.log();
    assert!(notices(&log, &newest), "{log}");
    assert!(log.contains("answering from the generation kept on disk"), "{log}");
    router.wait_says("database: does not answer");

    server.start_again();
    wait_dials(&[&router], "third");
    assert_eq!(name_gate(&fleet, "fourth").code, 0);
    wait_dials(&[&router], "fourth");
    router.wait_content();
}

fn notices(log: &str, damaged: &Path) -> bool {
    let name = damaged.file_name().unwrap().to_str().unwrap();
    log.lines().any(|line| line.contains("ERROR") && line.contains(name) && line.contains("damaged"))
}

fn all_damaged(mut server: Server) {
    let (fleet, mut router) = seen_three(&mut server);
    let files: Vec<PathBuf> = router.kept();
    damage(&files[0], |bytes| bytes.truncate(9));
    damage(&files[1], Vec::clear);
    damage(&files[2], |bytes| *bytes.last_mut().unwrap() ^= 0x80);
    router.start();
    wait_until("the router lives and is not ready", LIMIT, || {
        let (ready, lives) = (router.readyz()?, router.livez()?);
        (ready.0 == 503 && lives.0 == 200 && ready.1.contains("database: does not answer")).then_some(())
    });
    assert_eq!(router.ask(&ask()).get("status"), "not_ready");
    let log = router.log();
    assert!(files.iter().all(|file| notices(&log, file)), "{log}");
    server.start_again();
    router.wait_ready();
    assert_dials(&[&router], "third");

    // The database does for a start what the disk does not.
    router.kill();
    for file in router.kept() {
        damage(&file, |bytes| bytes.truncate(100));
    }
    router.start();
    router.wait_ready();
    wait_dials(&[&router], "third");
    assert_eq!(name_gate(&fleet, "fourth").code, 0);
    wait_dials(&[&router], "fourth");
}
