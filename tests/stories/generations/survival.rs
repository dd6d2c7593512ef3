//! Calls through real nodes go on whatever becomes of the database and of the bus.

use std::{thread, time::Duration};

use laboratory::{
    carriers::Carrier,
    fleet::{Fleet, LIMIT, Member},
    mariadb, node,
    phones::Call,
    postgres, redis,
    servers::Server,
    sqlite, stack, tables, wait_until,
};
use libtest_mimic::Trial;
use tokio::time::Instant;

/// How long the call lasts that is under way meanwhile.
const TALK: Duration = Duration::from_secs(12);

pub(crate) fn trials() -> Vec<Trial> {
    let away = [
        ("postgres", "ast22", "1096", 8066, Server::postgres as fn() -> Server),
        ("mariadb", "ast16", "1097", 8067, Server::mariadb),
    ];
    let away = away.map(|(name, node, phone, port, server)| {
        Trial::test(format!("generations::survival::the_database_stops_and_hangs::{name}"), move || {
            let server = server();
            database_away(&Scene::new(&server.fresh(), node, phone, port, 0, ""), server);
            Ok(())
        })
    });
    let emptied = [("ast16p", 0, sqlite as fn() -> String), ("ast16p", 1, postgres), ("ast16p", 2, mariadb)];
    let emptied = Trial::test("generations::survival::the_database_is_emptied", move || {
        for (node, story, fresh) in emptied {
            database_emptied(&Scene::new(&fresh(), node, "1098", 8068, story, ""));
        }
        Ok(())
    });
    let bus = Trial::test("generations::survival::the_bus_is_killed_and_flushed", || {
        let server = redis::single();
        let url = format!("redis://127.0.0.1:{}", server.port);
        bus_away(&Scene::new(&sqlite(), "ast22", "1099", 8069, 1, &url), server);
        Ok(())
    });
    away.into_iter().chain([emptied, bus]).collect()
}

/// A phone of a node that asks one router, and the number it calls.
struct Scene {
    fleet: Fleet,
    node: &'static str,
    phone: &'static str,
    port: u16,
    number: String,
}

impl Scene {
    fn new(url: &str, node: &'static str, phone: &'static str, port: u16, story: usize, bus: &str) -> Self {
        stack();
        let fleet = Fleet::on(url).with("GENERATIONS__SCAN_S", "1").with("BUS__URL", bus);
        let imported = fleet.import(&tables::common());
        assert_eq!(imported.code, 0, "{imported:?}");
        Self { fleet, node, phone, port, number: tables::SURVIVED.number(node, story) }
    }

    fn router(&self) -> Member {
        let mut router = self.fleet.member("router", self.port);
        router.start();
        router.wait_ready();
        router
    }

    /// A call that comes out at this carrier.
    fn calls(&self, carrier: &str) {
        let before = Carrier::named(carrier).invites(&self.number).len();
        let outcome = Call::new(&node(self.node).plan, self.phone, &self.number).place();
        assert_eq!(outcome.status(), 200);
        assert_eq!(Carrier::named(carrier).invites(&self.number).len(), before + 1);
    }

    /// A call that is answered before something happens, and ends by the phone's own will after it.
    fn during_a_call(&self, act: impl FnOnce()) {
        let answers = Carrier::named("answers");
        let before = answers.invites(&self.number).len();
        thread::scope(|scope| {
            let call = scope.spawn(|| {
                let mut call = Call::new(&node(self.node).plan, self.phone, &self.number);
                call.talk = TALK;
                call.place()
            });
            wait_until("the call is under way", LIMIT, || {
                (answers.invites(&self.number).len() > before).then_some(())
            });
            act();
            let outcome = call.join().unwrap();
            assert_eq!(outcome.status(), 200);
            let bye = |message: &&laboratory::sipp::Message| message.method() == Some("BYE");
            let bye = outcome.messages.iter().find(bye).expect("the call ends");
            assert!(
                !bye.received && bye.at.saturating_sub(outcome.invite().at) >= TALK,
                "somebody else ended it"
            );
        });
    }

    /// Starts the router again without what it needs; it answers from disk.
    fn restart(&self, router: &mut Member) {
        router.kill();
        let begun = Instant::now();
        router.start();
        router.wait_ready();
        eprintln!("{}: ready from disk after {:.1?}", &self.fleet.url[..6], begun.elapsed());
        assert!(router.log().contains("answering from the generation kept on disk"), "{}", router.log());
    }

    /// An edit that makes calls come out at another carrier: through the provider `any-number` at `answers-too`.
    fn lead_to(&self, provider: &str) {
        let said = self.fleet.run(&["rows", "set", "routes", &self.route(), &self.provider(provider)]);
        assert_eq!(said.code, 0, "{said:?}");
    }

    fn route(&self) -> String {
        let prefix = tables::SURVIVED.prefix();
        self.fleet.by_hand(&format!("SELECT id FROM routes WHERE prefix = '{prefix}'"))
    }

    fn provider(&self, name: &str) -> String {
        let sql = format!("SELECT id FROM providers WHERE providername = '{name}'");
        format!("provider_id={}", self.fleet.by_hand(&sql))
    }

    fn wait_leads_to(&self, router: &Member, carrier: &str) {
        let question = laboratory::fleet::question(self.node, self.phone, &self.number);
        router.wait_answers(&question, carrier, |answer| {
            answer.get("dial1").split(['@', '/']).any(|part| part == carrier)
        });
    }
}

const AWAY: &str = "database: does not answer";

fn database_away(scene: &Scene, mut server: Server) {
    let mut router = scene.router();
    scene.calls("answers");
    scene.during_a_call(|| {
        server.stop();
        router.wait_says(AWAY);
        scene.calls("answers");
    });
    scene.restart(&mut router);
    router.wait_says(AWAY);
    scene.calls("answers");
    server.start_again();
    router.wait_content();
    scene.lead_to("any-number");
    scene.wait_leads_to(&router, "answers-too");
    scene.calls("answers-too");
    scene.lead_to("answers");
    scene.wait_leads_to(&router, "answers");

    scene.during_a_call(|| {
        server.hang();
        router.wait_says(AWAY);
        scene.calls("answers");
    });
    scene.restart(&mut router);
    scene.calls("answers");
    server.go_on();
    router.wait_content();
    scene.lead_to("any-number");
    scene.wait_leads_to(&router, "answers-too");
    scene.calls("answers-too");
}

fn database_emptied(scene: &Scene) {
    let mut router = scene.router();
    scene.calls("answers");
    scene.during_a_call(|| {
        for table in ["routes", "generations", "generation_chunks"] {
            scene.fleet.by_hand(&format!("DELETE FROM {table}"));
        }
        router.wait_says("generation: the database has none any more, 1 stays in use");
        scene.calls("answers");
    });
    scene.restart(&mut router);
    router.wait_says("generation: the database has none any more, 1 stays in use");
    scene.calls("answers");
    for table in ["generations", "routes"] {
        scene.fleet.by_hand(&format!("DROP TABLE {table}"));
    }
    router.wait_says("database: cannot be used");
    scene.calls("answers");
    scene.restart(&mut router);
    scene.calls("answers");
}

fn bus_away(scene: &Scene, mut server: redis::Server) {
    const AWAY: &str = "bus: no connection";
    let mut router = scene.router();
    router.wait_content();
    scene.calls("answers");
    scene.during_a_call(|| {
        server.kill();
        router.wait_says(AWAY);
        scene.calls("answers");
    });
    scene.lead_to("any-number");
    scene.wait_leads_to(&router, "answers-too");
    router.kill();
    router.start();
    router.wait_ready();
    router.wait_says(AWAY);
    scene.calls("answers-too");
    server.start_again();
    router.wait_content();
    assert_eq!(server.command(&["FLUSHALL"]), "OK");
    scene.calls("answers-too");
    scene.lead_to("answers");
    scene.wait_leads_to(&router, "answers");
    scene.calls("answers");
}
