//! Private throw-away database servers, started when the first test asks for one.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::Command,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use crate::{
    namespace::Run,
    process::{Running, finish, succeeds, wait_until},
    roots::Root,
};

const START_LIMIT: Duration = Duration::from_mins(1);

/// URL of a fresh, empty Postgres database.
pub fn postgres() -> String {
    static SERVER: OnceLock<Running> = OnceLock::new();
    SERVER.get_or_init(start_postgres);
    let name = fresh_name();
    finish(psql().args(["-c", &format!("CREATE DATABASE {name}")]));
    format!("postgres://postgres@127.0.0.1:5432/{name}")
}

/// URL of a fresh, empty MariaDB database.
pub fn mariadb() -> String {
    static SERVER: OnceLock<Running> = OnceLock::new();
    SERVER.get_or_init(start_mariadb);
    let name = fresh_name();
    finish(mariadb_client().args(["-e", &format!("CREATE DATABASE {name} CHARACTER SET utf8mb4")]));
    format!("mysql://root@127.0.0.1:3306/{name}")
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

fn fresh_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("fresh_{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A folder of this run any server may write to, whatever user it runs as.
fn fresh_folder(name: &str) -> PathBuf {
    let folder = Run::current().folder.join(name);
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    folder
}

fn start_postgres() -> Running {
    fresh_folder("postgres");
    let programs = postgres_programs();
    // Nothing of it is worth a write to the disk: no fsync.
    finish(Root::Tools.command_as("postgres", &format!("{programs}/initdb")).args([
        "--pgdata=/lab/postgres/data",
        "--username=postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    ]));
    let mut command = Root::Tools.command_as("postgres", &format!("{programs}/postgres"));
    command.args(["-D", "/lab/postgres/data"]);
    for setting in [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "fsync=off",
        "full_page_writes=off",
        "max_connections=200",
    ] {
        command.args(["-c", setting]);
    }
    let server = Running::start("postgres", &mut command, &Run::current().folder.join("postgres.log"));
    wait_until("Postgres answers", START_LIMIT, || succeeds(psql().args(["-c", "SELECT 1"])).then_some(()));
    server
}

fn postgres_programs() -> String {
    let versions = Root::Tools.path().join("usr/lib/postgresql");
    let version = fs::read_dir(&versions).unwrap().flatten().next().expect("one Postgres").file_name();
    format!("/usr/lib/postgresql/{}/bin", version.display())
}

fn psql() -> Command {
    let mut command = Root::Tools.command(&format!("{}/psql", postgres_programs()));
    command.args(["--host=127.0.0.1", "--username=postgres", "--quiet", "--no-psqlrc"]);
    command
}

fn start_mariadb() -> Running {
    fresh_folder("mariadb");
    finish(Root::Tools.command("/usr/bin/mariadb-install-db").args([
        "--no-defaults",
        "--user=mysql",
        "--datadir=/lab/mariadb/data",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
        "--innodb-flush-log-at-trx-commit=0",
    ]));
    let server = Running::start(
        "mariadbd",
        Root::Tools.command("/usr/sbin/mariadbd").args([
            "--no-defaults",
            "--user=mysql",
            "--datadir=/lab/mariadb/data",
            "--socket=/lab/mariadb/socket",
            "--pid-file=/lab/mariadb/pid",
            "--bind-address=127.0.0.1",
            "--port=3306",
            "--innodb-flush-log-at-trx-commit=0",
        ]),
        &Run::current().folder.join("mariadb.log"),
    );
    wait_until("MariaDB answers", START_LIMIT, || {
        succeeds(mariadb_client().args(["-e", "SELECT 1"])).then_some(())
    });
    server
}

fn mariadb_client() -> Command {
    let mut command = Root::Tools.command("/usr/bin/mariadb");
    command.args(["--no-defaults", "--protocol=tcp", "--host=127.0.0.1", "--port=3306", "--user=root"]);
    command
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
