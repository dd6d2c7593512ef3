//! Private throw-away databases; their servers are started when the first test asks for one.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use crate::{
    namespace::Run,
    process::{Running, succeeds, wait_until},
    roots::Root,
    servers::{Server, fresh_folder, fresh_name},
};

const START_LIMIT: Duration = Duration::from_mins(1);

/// URL of a fresh, empty Postgres database.
pub fn postgres() -> String {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::postgres_at(5432)).fresh()
}

/// URL of a fresh, empty MariaDB database.
pub fn mariadb() -> String {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::mariadb_at(3306)).fresh()
}

/// URL of a SQLite file that does not exist yet.
pub fn sqlite() -> String {
    let folder = fresh_folder("sqlite");
    format!("sqlite://{}/{}.db?mode=rwc", folder.display(), fresh_name())
}

/// URL of an empty Redis database.
pub fn redis() -> String {
    static SERVER: OnceLock<Running> = OnceLock::new();
    static NEXT: AtomicU32 = AtomicU32::new(0);
    SERVER.get_or_init(start_redis);
    format!("redis://127.0.0.1:6379/{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

fn start_redis() -> Running {
    let server =
        Running::start(
            "redis-server",
            Root::Tools
                .command("/usr/bin/redis-server")
                .args(["--bind", "127.0.0.1", "--port", "6379"])
                .args(["--save", "", "--databases", "1000"]),
            &Run::current().folder.join("redis.log"),
        );
    let mut ping = Root::Tools.command("/usr/bin/redis-cli");
    ping.args(["-h", "127.0.0.1", "ping"]);
    wait_until("Redis answers", START_LIMIT, || succeeds(&mut ping).then_some(()));
    server
}
