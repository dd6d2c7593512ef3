//! Two collectors, one writer.

use std::{thread, time::Duration};

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
        scene.meanwhile(20..220, || {
            thread::sleep(Duration::from_secs(2));
            scene.kill(&mut writer);
        });
        scene.wait_number(CALLS, 220);
        assert_eq!(scene.digest("complete = TRUE"), digest.replace("20|", "220|"));
        let collectors = scene.fleet.must(&["collectors", "--json"]);
        assert!(
            collectors.contains("\"writer\": \"standby ") && collectors.contains("\"ok\""),
            "{collectors}"
        );
        assert!(standby.log().contains("writing the records"));
    })
}
