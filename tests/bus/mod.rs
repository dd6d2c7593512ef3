//! The contract of the bus, kept by Redis and by the twin within one process.
#![expect(clippy::unwrap_used, reason = "a clause that cannot go on is broken")]

use std::{env, future::Future, pin::Pin};

use laboratory::{redis as redis_url, redis::Server};
use libtest_mimic::Trial;

use meeting::Meeting;

mod away;
mod boards;
mod hints;
mod hostile;
mod journal;
mod meeting;
mod refused;
mod several;

type Kept = Pin<Box<dyn Future<Output = ()>>>;
/// One thing every bus must do in a place.
type Clause<P> = fn(P) -> Kept;

/// Lists async functions of a module under their names.
macro_rules! clauses {
    ($kind:ty, $module:ident: $($name:ident),+ $(,)?) => {
        [$((
            concat!(stringify!($module), "::", stringify!($name)),
            (|place| Box::pin($module::$name(place))) as Clause<$kind>,
        )),+]
    };
}

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (name, clause) in clauses() {
        let in_process = move || clause(Meeting::in_process());
        let over_redis = move || clause(Meeting::over(redis_url()));
        trials.push(trial(format!("bus::in_process::{name}"), in_process));
        trials.push(trial(format!("bus::redis::{name}"), over_redis));
    }
    for (name, clause) in redis_clauses() {
        trials.push(trial(format!("bus::redis::{name}"), move || clause(laboratory::redis::single())));
    }
    for (name, clause) in clauses!((), several: hints_follow_the_master, a_node_of_a_cluster_may_die) {
        let trial = trial(format!("bus::{name}"), move || clause(()));
        trials.push(trial.with_ignored_flag(env::var_os("DIALPLANE_SLOW").is_none()));
    }
    trials
}

fn clauses() -> Vec<(&'static str, Clause<Meeting>)> {
    let mut all = Vec::new();
    all.extend(
        clauses!(Meeting, hints: everybody_hears_every_hint, topics_are_apart, installations_are_apart,
        the_order_of_one_publisher_is_kept, a_slow_subscriber_is_told_and_nobody_waits,
        of_a_flood_the_newest_arrives, one_who_leaves_disturbs_nobody),
    );
    all.extend(
        clauses!(Meeting, boards: everybody_reads_what_one_posts, the_newest_word_counts, only_changes_are_told,
        boards_of_installations_are_apart, the_most_there_may_be),
    );
    all.extend(clauses!(Meeting, hostile: any_bytes_arrive_as_they_are, too_much_is_dropped_and_counted));
    all
}

fn redis_clauses() -> Vec<(&'static str, Clause<Server>)> {
    let mut all = Vec::new();
    all.extend(clauses!(Server, away: killed_and_started_again, not_there_yet, hung_and_going_on,
        emptied, closing_again_and_again, accepting_and_closing));
    all.extend(clauses!(Server, refused: a_wrong_password_is_told_once, the_least_rights_suffice,
        rights_on_other_channels_do_not, nobody_vouches_for_a_strangers_certificate));
    all.extend(clauses!(Server, boards: a_board_goes_with_its_collector, boards_come_back_after_redis,
        foreign_boards_are_refused_and_counted, without_rights_on_keys_hints_go_on));
    all.extend(clauses!(Server, hostile: a_foreign_hint_may_be_too_long, a_foreign_flood_is_survived));
    all
}

fn trial(name: String, clause: impl FnOnce() -> Kept + Send + 'static) -> Trial {
    Trial::test(name, move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        // Made inside, since a bus within the process wants no runtime, and one over Redis does.
        runtime.expect("a runtime").block_on(async { clause().await });
        Ok(())
    })
}
