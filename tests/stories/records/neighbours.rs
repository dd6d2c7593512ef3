//! A node that lets nobody in, or talks rubbish, is no trouble for the records of another one.

use std::fmt::Write;

use laboratory::{
    fleet::{LIMIT, Member},
    manager_node::ManagerNode,
    sqlite, wait_until,
};
use libtest_mimic::Trial;

use super::{COMPLETE, Scene, count};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("records::neighbours::a_wrong_password_is_one_line", || {
            a_wrong_password();
            Ok(())
        }),
        Trial::test("records::neighbours::rubbish_is_of_one_node_alone", || {
            rubbish();
            Ok(())
        }),
    ]
}

/// One collector of two nodes.
fn collector_of_both(scene: &Scene, other: &ManagerNode) -> Member {
    let address = other.address.to_string();
    let own = [
        ("COLLECTOR__NODES__AST16__ADDRESS", address.as_str()),
        ("COLLECTOR__NODES__AST16__SECRET", "change-me"),
    ];
    let mut collector = scene.fleet.collector("one", super::NODE, &scene.node.address.to_string(), &own);
    collector.start();
    scene.wait_listeners(1);
    collector
}

fn a_wrong_password() {
    let scene = Scene::on(&sqlite());
    let other = ManagerNode::start();
    other.refuse();
    let collector = collector_of_both(&scene, &other);
    scene.say(0..50);
    scene.wait_number(COMPLETE, 50);
    // After the first time it is tried again in 20 s or so.
    let tried = count(1, 3) as u64;
    wait_until("it is tried again", LIMIT, || (other.refused() >= tried).then_some(()));
    collector.wait_says("session with ast16: refused: ");
    let log = collector.log();
    let lines: Vec<_> =
        log.lines().filter(|line| line.contains("ast16") && line.contains("refuse")).collect();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(
        lines[0].contains("ERROR") && lines[0].contains("refuses `dialplane`: Authentication failed"),
        "{}",
        lines[0]
    );
    assert!(!log.contains("change-me"));
}

fn rubbish() {
    let scene = Scene::on(&sqlite());
    let other = ManagerNode::start();
    let collector = collector_of_both(&scene, &other);
    scene.say(0..10);
    scene.wait_number(COMPLETE, 10);
    let digest = scene.digest("complete = TRUE");
    scene.meanwhile(10..310, || {
        for rubbish in rubbish_of_all_kinds() {
            wait_until("the other node is listened to", LIMIT, || (other.listeners() == 1).then_some(()));
            // Whoever has had enough of it hangs up, in the middle of it perhaps.
            other.say(&rubbish);
        }
        wait_until("the other node is listened to", LIMIT, || (other.listeners() == 1).then_some(()));
        // It is a node like any other again.
        scene.feed.calls(900..903, super::now_us(), 0).for_each(|(_, event)| other.say(&event));
    });
    scene.wait_number("SELECT count(*) FROM calls WHERE node = 'ast22'", 310);
    scene.wait_number("SELECT count(*) FROM calls WHERE node = 'ast16'", 3);
    assert_eq!(
        scene.digest("complete = TRUE AND c.node = 'ast22'"),
        digest.replace("10|", "310|"),
        "{}",
        collector.log()
    );
    assert_eq!(scene.node.too_slow(), 0);
    assert!(!collector.log().contains("panicked"));
}

fn rubbish_of_all_kinds() -> [String; 5] {
    let million = (0..1_000_000).fold(String::from("Event: Many\r\n"), |mut block, number| {
        write!(block, "H{number}: v\r\n").unwrap();
        block
    });
    let forged = "Event: UserEvent\r\nUserEvent: a\0b\r\nValue: \0\0\nEvent: Hangup\0\r\n\r\n";
    [
        format!("Event: Long\r\nValue: {}\r\n\r\n", "x".repeat(1 << 20)),
        forged.to_owned(),
        million + "\r\n",
        "\0".repeat(1 << 16),
        "y".repeat(64 << 20),
    ]
}
