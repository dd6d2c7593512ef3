//! SIPp scenarios, put together from a few steps.

mod phone;

use crate::carriers::Answer;

pub(crate) use phone::{phone, registration};

const SDP: &str = "v=0
o=user1 53655765 2353687637 IN IP[media_ip_type] [media_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8
a=rtpmap:8 PCMA/8000
";

/// Labels of the scenario's side roads.
const OPTIONS: &str = "1";
const REFUSED: &str = "2";
const END: &str = "3";
const REGISTER: &str = "4";

/// What a carrier does, call after call.
pub(crate) fn carrier(answer: Answer) -> String {
    let (options, rest) = match answer {
        Answer::Refuses(code) => (true, refuse(code, "Refused")),
        Answer::RefusesHostilely => (true, refuse(503, HOSTILE_REASON)),
        Answer::ProgressesAndRefuses(code) => (
            true,
            respond("183 Session Progress", "CSeq: [$cseq]", SDP) + &pause_ms(300) + &refuse(code, "Refused"),
        ),
        Answer::Rings => (true, ring() + &receive("CANCEL") + &cancelled()),
        Answer::Answers => (true, ring() + &pause_ms(200) + &answer_and_wait_for_bye()),
        Answer::AnswersAndHangsUp => (true, ring() + &pause_ms(200) + &answer_and_hang_up()),
        Answer::AnswersAndRefers => (true, ring() + &answer_and_refer()),
        Answer::AnswersAndRegisters => return registrar(),
        Answer::IgnoresCalls => (true, pause_ms(20_000)),
        Answer::IgnoresEverything => (false, pause_ms(20_000)),
    };
    let polite = if options { unless("OPTIONS", OPTIONS) } else { unless_ignored("OPTIONS") };
    scenario(&[&polite, INVITED, &rest, &side_road(OPTIONS, &alive()), &label(END)].concat())
}

/// Whoever registers is challenged, and kept for five minutes under the contact it gave.
fn registrar() -> String {
    let challenge =
        "[last_CSeq:]\nWWW-Authenticate: Digest realm=\"registrar\", nonce=\"[call_number]\", algorithm=MD5";
    let registration = respond("401 Unauthorized", challenge, "")
        + &receive("REGISTER")
        + &send(
            "SIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:];tag=[pid]lab[call_number]\n[last_Call-ID:]\n\
             [last_CSeq:]\n[last_Contact:]\nExpires: 300\nContent-Length: 0\n\n",
        );
    scenario(
        &[
            &unless("OPTIONS", OPTIONS),
            &unless("REGISTER", REGISTER),
            INVITED,
            &ring(),
            &answer_and_wait_for_bye(),
            &side_road(REGISTER, &registration),
            &side_road(OPTIONS, &alive()),
            &label(END),
        ]
        .concat(),
    )
}

/// Takes a side road if this request comes in place of a call.
fn unless(request: &str, road: &str) -> String {
    format!("<recv request=\"{request}\" optional=\"true\" next=\"{road}\"/>\n")
}

fn unless_ignored(request: &str) -> String {
    format!("<recv request=\"{request}\" optional=\"true\"/>\n")
}

/// Steps that only those who jump here take.
fn side_road(road: &str, steps: &str) -> String {
    format!("<nop next=\"{END}\"/>\n{}{steps}", label(road))
}

fn label(name: &str) -> String {
    format!("<label id=\"{name}\"/>\n")
}

/// A node still starting may drop the answer. SIPp gives it again, but only while the call lives.
fn alive() -> String {
    respond("200 OK", "[last_CSeq:]", "") + &pause_ms(4_000)
}

/// Keeps the INVITE's `CSeq` for answers sent after a CANCEL has come.
const INVITED: &str = r#"<recv request="INVITE" crlf="true"><action>
  <ereg regexp="[0-9]+ INVITE" search_in="hdr" header="CSeq:" assign_to="cseq"/>
  <ereg regexp="sip:[^>]*" search_in="hdr" header="Contact:" assign_to="contact"/>
</action></recv>
<Reference variables="cseq,contact"/>
"#;

fn scenario(steps: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<scenario name=\"laboratory\">\n{steps}</scenario>\n"
    )
}

fn ring() -> String {
    respond("180 Ringing", "CSeq: [$cseq]", "")
}

/// Quotes for expressions, separators for applications, a command, and headers for whoever watches events.
const HOSTILE_REASON: &str = r#"" = "1" | ${SHELL(touch /lab/smuggled)},Sip: 200&)}:2 \"#;

fn refuse(code: u16, reason: &str) -> String {
    // Where a redirection would lead: to a carrier nobody asked for.
    let contact = if code == 302 { "\nContact: <sip:15550199@203.0.113.11:5060>" } else { "" };
    respond(&format!("{code} {reason}"), &format!("CSeq: [$cseq]{contact}"), "") + &receive("ACK")
}

fn cancelled() -> String {
    respond("200 OK", "[last_CSeq:]", "")
        + &respond("487 Request Terminated", "CSeq: [$cseq]", "")
        + &receive("ACK")
}

fn answer_and_wait_for_bye() -> String {
    respond("200 OK", "CSeq: [$cseq]", SDP)
        + &receive("ACK")
        + &receive("BYE")
        + &respond("200 OK", "[last_CSeq:]", "")
}

fn answer_and_hang_up() -> String {
    let bye = "BYE [$contact] SIP/2.0\nVia: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]\n\
        From: <sip:hangs-up@[local_ip]>;tag=[pid]lab[call_number]\nTo:[$remote]\n[last_Call-ID:]\nCSeq: 1 BYE\n\
        Contact: <sip:[local_ip]:[local_port]>\nMax-Forwards: 70\nContent-Length: 0\n";
    respond("200 OK", "CSeq: [$cseq]", SDP)
        + ACKNOWLEDGED
        + &pause_ms(1_000)
        + &send(bye)
        + "<recv response=\"200\"/>\n"
}

/// Keeps who the other side is, for requests of our own.
const ACKNOWLEDGED: &str = r#"<recv request="ACK"><action>
  <ereg regexp=".*" search_in="hdr" header="From:" assign_to="remote"/>
</action></recv>
"#;

/// Where a transfer would lead: to a number nobody asked for.
fn answer_and_refer() -> String {
    const ANY: [u16; 9] = [100, 202, 400, 401, 403, 405, 501, 603, 604];
    let answers: String = ANY.map(|code| format!("<recv response=\"{code}\" optional=\"true\"/>\n")).concat();
    let refer = "REFER [$contact] SIP/2.0\nVia: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]\n\
        From: <sip:refers@[local_ip]>;tag=[pid]lab[call_number]\nTo:[$remote]\n[last_Call-ID:]\nCSeq: 1 REFER\n\
        Contact: <sip:[local_ip]:[local_port]>\nMax-Forwards: 70\nRefer-To: <sip:15550199@203.0.113.11:5060>\n\
        Content-Length: 0\n";
    respond("200 OK", "CSeq: [$cseq]", SDP)
        + ACKNOWLEDGED
        + &send(refer)
        + &answers
        + &receive("BYE")
        + &respond("200 OK", "[last_CSeq:]", "")
}

fn respond(status: &str, cseq: &str, body: &str) -> String {
    let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\n" };
    send(&format!(
        "SIP/2.0 {status}\n[last_Via:]\n[last_From:]\n[last_To:];tag=[pid]lab[call_number]\n[last_Call-ID:]\n{cseq}\n\
         Contact: <sip:[local_ip]:[local_port]>\n{kind}Content-Length: [len]\n\n{body}"
    ))
}

fn send(message: &str) -> String {
    format!("<send><![CDATA[\n{message}\n]]></send>\n")
}

fn receive(request: &str) -> String {
    format!("<recv request=\"{request}\"/>\n")
}

fn pause_ms(time: u32) -> String {
    format!("<pause milliseconds=\"{time}\"/>\n")
}
