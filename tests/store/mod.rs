//! The contract of the store, kept by all three databases.
#![expect(clippy::unwrap_used, reason = "a clause that cannot go on is broken")]

use std::{future::Future, pin::Pin};

use laboratory::{mariadb, postgres, sqlite};
use libtest_mimic::Trial;

use database::Database;

mod boards;
mod call_aliases;
mod call_leases;
pub(crate) mod call_lists;
mod call_months;
mod call_records;
mod call_refusals;
mod contents;
mod crowd;
pub(crate) mod database;
mod decisions;
mod dice;
mod edits;
mod exports;
mod faults;
mod generations;
mod interruptions;
mod listing;
pub(crate) mod many_calls;
mod names;
mod privacy;
mod privacy_months;
mod refusals;
mod reports;
mod restore;
mod routers;
mod rules;
pub(crate) mod sample_calls;
mod sample_traffic;
pub(crate) mod schema;
mod tokens;
mod traffic;
mod traffic_layers;
mod working_copy;

/// Gives the URL of an empty database.
type Fresh = fn() -> String;
/// One thing every database must do.
type Clause = fn(Database) -> Pin<Box<dyn Future<Output = ()>>>;

/// Lists async functions of a module under their names.
macro_rules! clauses {
    ($module:ident: $($name:ident),+ $(,)?) => {
        [$((
            concat!(stringify!($module), "::", stringify!($name)),
            (|database| Box::pin($module::$name(database))) as Clause,
        )),+]
    };
}

pub(crate) fn trials() -> Vec<Trial> {
    let databases: [(&str, Fresh); 3] = [("sqlite", sqlite), ("postgres", postgres), ("mariadb", mariadb)];
    let clauses = clauses();
    let mut trials = Vec::new();
    for (database, fresh) in databases {
        for &(name, clause) in &clauses {
            trials.push(Trial::test(format!("store::{database}::{name}"), move || {
                keep(clause, fresh());
                Ok(())
            }));
        }
    }
    trials
}

fn clauses() -> Vec<(&'static str, Clause)> {
    let mut all = Vec::new();
    all.extend(
        clauses!(schema: migrating_twice_changes_nothing, two_may_migrate_at_once, every_statement_fits,
        an_older_database_is_brought_up_to_date, ids_go_on_after_those_that_were_given),
    );
    all.extend(clauses!(contents: the_article_is_read_back, every_kind_of_value_is_read_back,
        impossible_values_are_named, many_numbers_are_read_back));
    all.extend(clauses!(refusals: what_exists_is_not_added_again, what_refers_to_nothing_is_refused,
        what_breaks_a_rule_is_refused, one_refused_row_undoes_all, hands_are_held_to_the_same_rules,
        what_is_in_use_stays));
    all.extend(clauses!(rules: each_is_named_to_a_program, each_is_named_to_a_hand,
        defaults_are_those_of_the_file));
    all.extend(clauses!(tokens: tokens_are_added_listed_and_revoked, tokens_that_make_no_sense_are_refused,
        roles_hold_tokens_of_their_own));
    all.extend(clauses!(names: one_at_a_time_has_its_turn, what_is_known_is_read_back, names_follow_dns_and_outlive_it,
        what_is_odd_waits_for_a_person, services_name_hosts_and_ports));
    all.extend(clauses!(listing: the_carriers_strings_follow_the_tables));
    all.extend(clauses!(crowd: readers_see_all_of_a_write_or_nothing, writers_wait_for_each_other));
    all.extend(clauses!(generations: what_was_activated_is_read_back, many_chunks_are_stored_in_parts,
        whoever_was_overtaken_changes_nothing, a_manifest_names_no_missing_chunk, of_many_at_once_one_activates,
        only_marks_that_were_seen_are_consumed, what_nobody_names_is_collected,
        collecting_and_activating_exclude_each_other));
    all.extend(clauses!(interruptions: an_activation_dropped_anywhere_is_old_or_new,
        an_edit_dropped_anywhere_is_marked_or_not_done, a_killed_connection_leaves_old_or_new));
    all.extend(clauses!(working_copy: many_numbers_are_read_in_chunks, every_edit_through_the_store_is_marked,
        only_marked_chunks_are_read_again, marks_of_unknown_tables_are_left_alone, marks_and_rows_are_of_one_moment));
    all.extend(clauses!(edits: rows_are_added_changed_and_removed, rows_are_listed_page_by_page,
        several_edits_are_one, cells_that_do_not_fit_are_named, edits_keep_the_tables_rules,
        other_cells_are_left_to_others));
    all.extend(
        clauses!(restore: everything_goes_and_comes_back, rows_change_places, tokens_stay_as_they_are,
        what_does_not_fit_together_changes_nothing),
    );
    all.extend(
        clauses!(routers: the_databases_clock_is_ours, signs_of_life_age, many_routers_give_signs_at_once,
        the_last_refusals_are_kept),
    );
    all.extend(clauses!(call_records: every_field_is_read_back, a_batch_twice_changes_nothing,
        the_higher_revision_stays, carriers_outlive_a_revision, two_thousand_calls_are_one_batch,
        gaps_grow_and_do_not_double, calls_of_all_nodes_meet_in_their_root));
    all.extend(clauses!(call_aliases: the_loser_is_found_under_the_winner, chains_are_flattened,
        late_arrivals_do_not_come_back_to_life, circles_are_left_out));
    all.extend(clauses!(call_leases: whoever_is_silent_loses_the_lease, of_two_takers_one_wins,
        a_former_holder_writes_nothing, who_takes_over_sees_the_whole_batch, a_batch_dropped_anywhere_is_old_or_new,
        a_cut_connection_leaves_old_or_new, writers_of_different_nodes_do_not_meet));
    all.extend(clauses!(call_refusals: texts_no_database_takes_are_altered, what_is_refused_is_set_aside,
        what_nobody_is_to_blame_for_fails));
    all.extend(clauses!(call_lists: every_condition_lets_the_right_calls_through,
        every_sort_pages_through_without_loss, pages_go_on_while_calls_are_written, all_calls_are_read_lot_by_lot,
        one_call_is_read_whole, texts_are_compared_and_never_run, cursors_are_good_for_one_question,
        statements_that_take_too_long_end));
    all.extend(clauses!(call_months: coming_months_are_made_once, two_may_make_months_at_once));
    all.extend(
        clauses!(decisions: every_field_is_read_back, a_batch_twice_changes_nothing, the_latest_are_listed,
        texts_no_database_takes_are_altered, what_is_refused_is_set_aside, what_nobody_is_to_blame_for_fails,
        a_batch_dropped_anywhere_is_all_or_nothing, months_are_parts, attempts_of_calls_find_their_provider),
    );
    all.extend(clauses!(reports: reports_hold_no_whole_number, times_and_durations_are_to_the_microsecond,
        the_dashboards_questions_fit, an_account_reads_the_reports_and_nothing_else,
        a_copy_holds_the_reports_and_nothing_else));
    all.extend(clauses!(privacy: a_masked_number_is_nowhere, removed_records_leave_nothing,
        what_is_held_stays_until_it_is_released, floor_and_ceiling_are_the_databases,
        reports_and_masking_hide_what_the_rule_hides, who_sees_whole_numbers_is_noted));
    all.extend(
        clauses!(privacy_months: a_month_that_is_over_goes_at_once, a_month_with_a_hold_goes_in_slices,
        a_month_waits_for_every_node, a_month_that_is_in_use_goes_in_slices),
    );
    all.extend(clauses!(traffic: every_report_equals_the_rows, other_rules_count_as_if_they_had_always_been,
        rules_that_make_no_sense_are_refused, a_newer_revision_counts_instead,
        a_call_that_is_part_of_another_leaves_no_trace, a_decision_that_comes_late_is_counted,
        what_nobody_heard_is_counted_apart, many_may_sum_up_at_once, marks_set_meanwhile_stay,
        a_revision_that_comes_meanwhile_is_left_alone, calls_from_before_are_summed_up));
    all.extend(
        clauses!(traffic_layers: what_is_told_by_hours_equals_the_rows, sums_from_before_are_summed_up),
    );
    all.extend(clauses!(boards: the_newest_of_each_node_is_read, old_ones_are_forgotten, what_does_not_fit_is_refused,
        many_post_at_once));
    all.extend(clauses!(exports: every_row_is_exported_once, rows_hold_what_the_tables_hold));
    all.extend(clauses!(faults: a_server_that_froze_is_used_again, connections_nobody_answers_are_given_up,
        connections_that_broke_are_replaced, who_gives_up_waiting_may_come_again,
        a_missing_file_is_created_only_on_request));
    all
}

fn keep(clause: Clause, url: String) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async { clause(Database::open(url).await).await });
}
