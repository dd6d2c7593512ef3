//! What was asked over a session and is not answered yet.

use std::collections::HashMap;

use asterisk::ami::{Block, Damaged, ListMark, Response, Value};
use tokio::sync::oneshot;

use crate::{AskError, Reply, open::message};

/// Most questions that may be open at a time.
const OPEN_MAX: usize = 256;
/// Most items of a list that are kept for one who asked.
const ITEMS_MAX: usize = 65_536;
/// Most bytes of them.
const ITEM_BYTES_MAX: usize = 64 * 1_024 * 1_024;

pub(crate) type Answer = oneshot::Sender<Result<Reply, AskError>>;

/// By the number that is their `ActionID`.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    open: HashMap<u64, Question>,
}

/// Who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asker {
    /// This crate: what comes back is nobody else's.
    Session,
    Manager,
}

#[derive(Debug)]
struct Question {
    asker: Asker,
    answer: Answer,
    response: Option<Response>,
    items: Vec<Block>,
    bytes: usize,
}

impl Answers {
    /// To be called before the question is sent.
    pub(crate) fn expect(&mut self, id: u64, asker: Asker, answer: Answer) {
        // Whoever waited no longer is found here, and nowhere else.
        if self.open.len() >= OPEN_MAX {
            self.open.retain(|_, question| !question.answer.is_closed());
        }
        if self.open.len() >= OPEN_MAX {
            let _ = answer.send(Err(AskError::TooMany));
            return;
        }
        self.open.insert(id, Question { asker, answer, response: None, items: Vec::new(), bytes: 0 });
    }

    /// Takes a response, and tells who asked for it.
    pub(crate) fn response(&mut self, response: &Response) -> Option<Asker> {
        let id = number(response.action_id())?;
        let question = self.open.get_mut(&id)?;
        let asker = question.asker;
        if !response.is_success() {
            self.finish(id, Err(AskError::Refused { message: message(response) }));
        } else if begins_list(response) {
            question.response = Some(response.clone());
        } else {
            self.finish(id, Ok(Reply { response: response.clone(), items: Vec::new() }));
        }
        Some(asker)
    }

    /// Takes what may be an item of a list, and tells who asked for it.
    pub(crate) fn item(&mut self, block: &Block) -> Option<Asker> {
        if self.open.is_empty() || is_told_to_all(block) {
            return None;
        }
        let id = number(block.action_id())?;
        let question = self.open.get_mut(&id)?;
        let asker = question.asker;
        question.items.push(block.clone());
        question.bytes += block.bytes().len();
        if question.items.len() > ITEMS_MAX || question.bytes > ITEM_BYTES_MAX {
            self.finish(id, Err(AskError::TooLong));
        } else if ends_list(block) {
            let items = std::mem::take(&mut question.items);
            // An end without a beginning: there is nothing to tell.
            let reply = question.response.take().map(|response| Reply { response, items });
            self.finish(id, reply.ok_or(AskError::Damaged));
        }
        Some(asker)
    }

    /// An answer of which a part is lost is none.
    pub(crate) fn damaged(&mut self, damaged: &Damaged) -> Option<Asker> {
        if is_told_to_all(&damaged.head) {
            return None;
        }
        let id = number(damaged.head.action_id())?;
        let asker = self.open.get(&id)?.asker;
        self.finish(id, Err(AskError::Damaged));
        Some(asker)
    }

    fn finish(&mut self, id: u64, reply: Result<Reply, AskError>) {
        if let Some(question) = self.open.remove(&id) {
            // Whoever waited no longer does not want to know.
            let _ = question.answer.send(reply);
        }
    }
}

fn number(id: Option<Value<'_>>) -> Option<u64> {
    id?.number()
}

/// Events for everybody name their class and, behind a comma, the class that holds all: `call,all`. Items of lists name
/// none, or `Call`. A dialplan may put any `ActionID` into an event of its own.
fn is_told_to_all(block: &Block) -> bool {
    block.value("Privilege").is_some_and(|privilege| privilege.as_bytes().contains(&b','))
}

/// Asterisk before 12 does not mark all of its lists, but announces each.
fn begins_list(response: &Response) -> bool {
    match response.block().list_mark() {
        Some(mark) => mark == ListMark::Start,
        None => response.message().is_some_and(|message| message.as_bytes().ends_with(b"will follow")),
    }
}

fn ends_list(block: &Block) -> bool {
    match block.list_mark() {
        Some(mark) => mark != ListMark::Start,
        None => block.name().is_some_and(|name| name.as_bytes().ends_with(b"Complete")),
    }
}

#[cfg(test)]
mod tests {
    use asterisk::ami::{Decoder, Frame, Limits};
    use bytes::BytesMut;

    use super::*;

    fn frames(text: &str) -> Vec<Frame> {
        let mut buffer = BytesMut::from(text.replace('\n', "\r\n").as_bytes());
        let mut decoder = Decoder::resumed(Limits { headers: 4, ..Limits::default() });
        std::iter::from_fn(|| decoder.decode(&mut buffer).unwrap()).collect()
    }

    fn feed(answers: &mut Answers, text: &str) -> Vec<Option<Asker>> {
        let taken = |frame: &Frame, answers: &mut Answers| match frame {
            Frame::Response(response) => answers.response(response),
            Frame::Event(block) => answers.item(block),
            Frame::Damaged(damaged) => answers.damaged(damaged),
            Frame::Banner(_) => None,
        };
        frames(text).iter().map(|frame| taken(frame, answers)).collect()
    }

    fn asked(answers: &mut Answers, id: u64) -> oneshot::Receiver<Result<Reply, AskError>> {
        let (answer, reply) = oneshot::channel();
        answers.expect(id, Asker::Manager, answer);
        reply
    }

    #[test]
    fn a_list_is_its_items_up_to_its_end() {
        let mut answers = Answers::default();
        let mut reply = asked(&mut answers, 7);
        let text = "Response: Success\nActionID: 7\nEventList: start\n\nEvent: Status\nPrivilege: Call\nActionID: 7\n\n\
             Event: Newchannel\nPrivilege: call,all\n\nEvent: StatusComplete\nActionID: 7\nEventList: Complete\n\n";
        let mine = Some(Asker::Manager);
        assert_eq!(feed(&mut answers, text), [mine, mine, None, mine]);
        assert_eq!(reply.try_recv().unwrap().unwrap().items.len(), 2);
        assert!(answers.open.is_empty());
    }

    #[test]
    fn lists_of_old_versions_bear_no_mark() {
        let mut answers = Answers::default();
        let mut reply = asked(&mut answers, 7);
        feed(&mut answers, "Response: Success\nActionID: 7\nMessage: Queue status will follow\n\n");
        assert!(reply.try_recv().is_err());
        feed(&mut answers, "Event: QueueStatusComplete\nActionID: 7\n\n");
        assert_eq!(reply.try_recv().unwrap().unwrap().items.len(), 1);
    }

    #[test]
    fn no_dialplan_answers_for_the_node() {
        let mut answers = Answers::default();
        let mut reply = asked(&mut answers, 7);
        let forged = "Event: UserEvent\nPrivilege: user,all\nActionID: 7\nEventList: Complete\n\n";
        assert_eq!(feed(&mut answers, forged), [None]);
        assert!(reply.try_recv().is_err());
    }

    #[test]
    fn what_nobody_asked_for_is_nobodys() {
        let mut answers = Answers::default();
        let text = "Response: Success\nActionID: 8\n\nResponse: Error\n\nEvent: X\nActionID: y\n\n";
        assert_eq!(feed(&mut answers, text), [None; 3]);
    }

    #[test]
    fn a_refusal_and_a_broken_answer_are_told() {
        let mut answers = Answers::default();
        let mut replies = [7, 8, 9].map(|id| asked(&mut answers, id));
        feed(&mut answers, "Response: Error\nActionID: 7\nMessage: Permission denied\n\n");
        feed(&mut answers, "Response: Success\nActionID: 8\nA: 1\nB: 2\nC: 3\n\n");
        feed(&mut answers, "Event: QueueStatusComplete\nActionID: 9\n\n");
        let told = replies.each_mut().map(|reply| reply.try_recv().unwrap().unwrap_err().to_string());
        assert_eq!(told[0], "the node refuses: Permission denied");
        assert!(told[1..].iter().all(|told| told == "a part of the answer could not be read"), "{told:?}");
    }

    #[test]
    fn nobody_piles_up_questions() {
        let mut answers = Answers::default();
        let waiting: Vec<_> = (0..OPEN_MAX as u64).map(|id| asked(&mut answers, id)).collect();
        let mut one_more = asked(&mut answers, 1_000);
        assert!(matches!(one_more.try_recv().unwrap(), Err(AskError::TooMany)));
        drop(waiting);
        let mut again = asked(&mut answers, 1_001);
        assert!(again.try_recv().is_err() && answers.open.len() == 1);
    }

    #[test]
    fn a_list_without_end_is_cut() {
        let mut answers = Answers::default();
        let mut reply = asked(&mut answers, 7);
        feed(&mut answers, "Response: Success\nActionID: 7\nEventList: start\n\n");
        let items = frames(&"Event: Status\nActionID: 7\n\n".repeat(1_000));
        for _ in 0..=ITEMS_MAX / 1_000 {
            for item in &items {
                let Frame::Event(block) = item else { panic!("an event") };
                answers.item(block);
            }
        }
        assert!(matches!(reply.try_recv().unwrap(), Err(AskError::TooLong)));
    }
}
