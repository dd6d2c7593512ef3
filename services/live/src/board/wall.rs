//! The boards of all nodes in Redis: a key for each, which expires, and one that lists the nodes. The braces in their
//! names give all keys of an installation the same slot of a cluster, so one server has them all.
//!
//! Everything is read by ranges of bytes, since anybody with rights on the Redis may have written anything.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use domain::NodeName;
use redis::{AsyncConnectionConfig, Cmd, FromRedisValue, RedisError};
use tokio::{sync::Mutex, time::timeout};

use super::{BOARD_LIFE, BOARDS_MAX, Board, LiveCalls, Note, Unreadable};
use crate::{
    Metrics,
    metrics::Refused,
    server::{Connection, Destination, OPEN_LIMIT, SessionError, find},
    url::{Servers, pointed},
};

/// Most bytes of JSON in all boards together: some ninety thousand calls.
const TEXTS_BYTES_MAX: usize = 64 << 20;
/// Names of nodes have up to 50 characters; each stands on a line of its own.
const LIST_BYTES_MAX: usize = BOARDS_MAX * 51;
/// How often a server of a cluster may point elsewhere before one that has the keys is found.
const POINTED_MAX: usize = 3;

#[derive(Debug)]
pub(crate) struct Wall {
    servers: Servers,
    prefix: String,
    /// None until somebody posts or reads, and after an error.
    connection: Mutex<Option<Connection>>,
    turn: AtomicUsize,
    metrics: Metrics,
}

impl Wall {
    pub(crate) fn new(servers: Servers, prefix: String, metrics: Metrics) -> Self {
        Self { servers, prefix, connection: Mutex::default(), turn: AtomicUsize::new(0), metrics }
    }

    /// Puts a node's board up, or takes it down.
    pub(crate) async fn hang(&self, note: &Note) -> Result<(), SessionError> {
        let mut connection = self.connection().await?;
        let hung = self.hang_over(&mut connection, note).await;
        self.drop_if_broken(&hung).await;
        hung
    }

    /// What is on every board. A connection that broke unnoticed since it was used last is replaced.
    pub(crate) async fn read(&self) -> Result<Vec<Board>, SessionError> {
        let was_open = self.connection.lock().await.is_some();
        let read = self.read_once().await;
        if read.is_err() && was_open { self.read_once().await } else { read }
    }

    async fn read_once(&self) -> Result<Vec<Board>, SessionError> {
        let mut connection = self.connection().await?;
        let read = self.read_over(&mut connection).await;
        self.drop_if_broken(&read).await;
        read
    }

    async fn drop_if_broken<T>(&self, done: &Result<T, SessionError>) {
        if done.is_err() {
            *self.connection.lock().await = None;
        }
    }

    async fn connection(&self) -> Result<Connection, SessionError> {
        let mut kept = self.connection.lock().await;
        if let Some(connection) = &*kept {
            return Ok(connection.clone());
        }
        let opened = timeout(OPEN_LIMIT, self.open()).await.unwrap_or(Err(SessionError::TooSlow))?;
        Ok(kept.insert(opened).clone())
    }

    /// Goes where the servers of a cluster point, if they are one.
    async fn open(&self) -> Result<Connection, SessionError> {
        let mut destination = find(&self.servers, self.turn.fetch_add(1, Ordering::Relaxed)).await?;
        for _ in 0..POINTED_MAX {
            let mut connection = Connection::open(&destination, AsyncConnectionConfig::new()).await?;
            connection.check().await?;
            match ask::<i64>(&mut connection, redis::cmd("EXISTS").arg(self.list_key())).await {
                Ok(_) => return Ok(connection),
                Err(answer) => destination = elsewhere(&destination, &connection, answer)?,
            }
        }
        Err(SessionError::Redirected(destination.at.addr().to_string()))
    }

    async fn hang_over(&self, connection: &mut Connection, note: &Note) -> Result<(), SessionError> {
        let key = self.key(&note.node);
        let left = BOARD_LIFE.saturating_sub(note.age());
        let Some(live) = note.live.as_ref().filter(|_| !left.is_zero()) else {
            return run(connection, redis::cmd("DEL").arg(key)).await;
        };
        run(connection, redis::cmd("SET").arg(key).arg(live.pack()).arg("PX").arg(ms(left))).await?;
        self.enlist(connection, &note.node).await
    }

    /// Sees that the list has the node and lives as long as its board. Names are appended, so that two who do it at once
    /// do not forget each other.
    async fn enlist(&self, connection: &mut Connection, node: &NodeName) -> Result<(), SessionError> {
        let nodes = self.listed(connection).await?;
        let is_listed =
            nodes.contains(node) || (nodes.len() < BOARDS_MAX && self.append(connection, node).await?);
        if !is_listed {
            return self.list_anew(connection, node, nodes).await;
        }
        run(connection, redis::cmd("PEXPIRE").arg(self.list_key()).arg(ms(BOARD_LIFE))).await
    }

    /// `false` if it is too long to be read to its end, or no list at all.
    async fn append(&self, connection: &mut Connection, node: &NodeName) -> Result<bool, SessionError> {
        let mut append = redis::cmd("APPEND");
        let answer = ask(connection, append.arg(self.list_key()).arg(format!("\n{node}"))).await;
        if is_no_text(&answer) {
            return Ok(false);
        }
        let length: usize = connection.understood(answer)?;
        Ok(length <= LIST_BYTES_MAX)
    }

    /// Without those whose boards are gone. Whoever is appended meanwhile is forgotten until it posts again.
    async fn list_anew(
        &self,
        connection: &mut Connection,
        node: &NodeName,
        nodes: BTreeSet<NodeName>,
    ) -> Result<(), SessionError> {
        let mut living = vec![node.clone()];
        for other in nodes.into_iter().filter(|other| other != node) {
            let exists: i64 = fetch(connection, redis::cmd("EXISTS").arg(self.key(&other))).await?;
            living.extend((exists > 0).then_some(other));
        }
        if living.len() > BOARDS_MAX {
            self.metrics.refused(Refused::TooMany);
            return Ok(());
        }
        let lines: String = living.iter().flat_map(|node| ["\n", node.as_str()]).collect();
        let mut write = redis::cmd("SET");
        run(connection, write.arg(self.list_key()).arg(lines).arg("PX").arg(ms(BOARD_LIFE))).await
    }

    async fn listed(&self, connection: &mut Connection) -> Result<BTreeSet<NodeName>, SessionError> {
        let Some(lines) = self.bytes(connection, &self.list_key(), LIST_BYTES_MAX).await? else {
            return Ok(BTreeSet::new());
        };
        let lines = String::from_utf8_lossy(&lines);
        let names = lines.lines().filter_map(|line| line.parse().ok());
        Ok(names.take(BOARDS_MAX).collect())
    }

    async fn read_over(&self, connection: &mut Connection) -> Result<Vec<Board>, SessionError> {
        let mut boards = Vec::new();
        let mut left = TEXTS_BYTES_MAX;
        for node in self.listed(connection).await? {
            let key = self.key(&node);
            let most = LiveCalls::PACKED_BYTES_MAX + 1;
            let Some(packed) = self.bytes(connection, &key, most).await? else { continue };
            let expires_ms: i64 = fetch(connection, redis::cmd("PTTL").arg(&key)).await?;
            match believed(&node, &packed, expires_ms, &mut left) {
                Ok(board) => boards.extend(board),
                Err(why) => self.metrics.refused(why),
            }
        }
        Ok(boards)
    }

    /// The first bytes of a key; None if there is none, or something that has no bytes.
    async fn bytes(
        &self,
        connection: &mut Connection,
        key: &str,
        most: usize,
    ) -> Result<Option<Vec<u8>>, SessionError> {
        let read = ask::<Vec<u8>>(connection, redis::cmd("GETRANGE").arg(key).arg(0).arg(most - 1)).await;
        if is_no_text(&read) {
            self.metrics.refused(Refused::Unreadable);
            return Ok(None);
        }
        Ok(Some(connection.understood(read)?).filter(|bytes| !bytes.is_empty()))
    }

    fn list_key(&self) -> String {
        format!("dialplane:{{{}}}:boards", self.prefix)
    }

    fn key(&self, node: &NodeName) -> String {
        format!("dialplane:{{{}}}:board:{node}", self.prefix)
    }
}

/// A board that was read, if it may have been one of ours; `Ok(None)` if it expired meanwhile.
fn believed(
    node: &NodeName,
    packed: &[u8],
    expires_ms: i64,
    left: &mut usize,
) -> Result<Option<Board>, Refused> {
    const GONE: i64 = -2;
    if expires_ms == GONE {
        return Ok(None);
    }
    // One that never goes would be taken for news for ever.
    let rest = u64::try_from(expires_ms).ok().map(Duration::from_millis).ok_or(Refused::Lasting)?;
    let age = BOARD_LIFE.checked_sub(rest).ok_or(Refused::Lasting)?;
    let live = LiveCalls::unpack_within(packed, left).map_err(|why| match why {
        Unreadable::TooLong => Refused::TooLong,
        Unreadable::Broken => Refused::Unreadable,
        Unreadable::Version => Refused::Version,
        Unreadable::TooMany => Refused::TooMany,
    })?;
    if live.node != *node {
        return Err(Refused::WrongNode);
    }
    Ok(Some(Board { live: Arc::new(live), age }))
}

/// Where a server points that does not have the keys.
fn elsewhere(
    from: &Destination,
    connection: &Connection,
    answer: RedisError,
) -> Result<Destination, SessionError> {
    let to = answer.redirect_node().and_then(|(address, _)| pointed(&from.at, address));
    match to {
        Some(at) => Ok(from.moved_to(at)),
        None => connection.understood(Err(answer)),
    }
}

/// Somebody put something else there.
fn is_no_text<T>(answer: &Result<T, RedisError>) -> bool {
    answer.as_ref().is_err_and(|error| error.code() == Some("WRONGTYPE"))
}

fn ms(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX).max(1)
}

async fn ask<T: FromRedisValue>(connection: &mut Connection, command: &Cmd) -> Result<T, RedisError> {
    command.query_async(&mut connection.to).await
}

async fn fetch<T: FromRedisValue>(connection: &mut Connection, command: &Cmd) -> Result<T, SessionError> {
    let answer = ask(connection, command).await;
    connection.understood(answer)
}

async fn run(connection: &mut Connection, command: &Cmd) -> Result<(), SessionError> {
    fetch(connection, command).await
}
