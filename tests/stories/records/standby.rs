//! Two collectors, one writer.

use libtest_mimic::Trial;

use super::{CALLS, Scene, on_every_database};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_database("records::standby::takes_over_and_doubles_nothing", |url| {
        let scene = Scene::on(url);
        let mut writer = scene.collector("writer");
        scene.say(0..20);
        scene.wait_number(CALLS, 20);
        let digest = scene.digest("complete = TRUE");
        let standby = scene.collector("standby");
        standby.wait_says("ready");

        // Calls begin with the one and end with the other.
        let events = scene.events(20..80);
        let (before, after) = events.split_at(events.len() / 2);
        before.iter().for_each(|(_, event)| scene.node.say(event));
        writer.kill();
        scene.wait_listeners(1);
        after.iter().for_each(|(_, event)| scene.node.say(event));
        scene.wait_number(CALLS, 80);
        assert_eq!(scene.digest("complete = TRUE"), digest.replace("20|", "80|"));
        assert!(standby.log().contains("writing the records"));
    })
}
