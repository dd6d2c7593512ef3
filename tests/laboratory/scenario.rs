//! SIPp scenarios, put together from a few steps.

use crate::{
    carriers::Answer,
    phones::{Call, SECRET},
};

const SDP: &str = "v=0
o=user1 53655765 2353687637 IN IP[local_ip_type] [local_ip]
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

/// What a carrier does, call after call.
pub(crate) fn carrier(answer: Answer) -> String {
    let (options, rest) = match answer {
        Answer::Refuses(code) => (true, refuse(code)),
        Answer::ProgressesAndRefuses(code) => {
            (true, respond("183 Session Progress", "CSeq: [$cseq]", SDP) + &pause_ms(300) + &refuse(code))
        }
        Answer::Rings => (true, ring() + &receive("CANCEL") + &cancelled()),
        Answer::Answers => (true, ring() + &pause_ms(200) + &answer_and_wait_for_bye()),
        Answer::IgnoresCalls => (true, pause_ms(20_000)),
        Answer::IgnoresEverything => (false, pause_ms(20_000)),
    };
    let polite = if options {
        format!(r#"<recv request="OPTIONS" optional="true" next="{OPTIONS}"/>"#)
    } else {
        r#"<recv request="OPTIONS" optional="true"/>"#.into()
    };
    scenario(&format!(
        "{polite}\n{INVITED}\n{rest}<nop next=\"{END}\"/>\n<label id=\"{OPTIONS}\"/>\n{}<label id=\"{END}\"/>\n",
        respond("200 OK", "[last_CSeq:]", "")
    ))
}

/// Keeps the INVITE's CSeq for answers sent after a CANCEL has come.
const INVITED: &str = r#"<recv request="INVITE" crlf="true"><action>
  <ereg regexp="[0-9]+ INVITE" search_in="hdr" header="CSeq:" assign_to="cseq"/>
</action></recv>
<Reference variables="cseq"/>"#;

fn scenario(steps: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<scenario name=\"laboratory\">\n{steps}</scenario>\n"
    )
}

fn ring() -> String {
    respond("180 Ringing", "CSeq: [$cseq]", "")
}

fn refuse(code: u16) -> String {
    // Where a redirection would lead: to a carrier nobody asked for.
    let contact = if code == 302 { "\nContact: <sip:15550199@203.0.113.11:5060>" } else { "" };
    respond(&format!("{code} Refused"), &format!("CSeq: [$cseq]{contact}"), "") + &receive("ACK")
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

/// A phone that is challenged, authenticates, and follows its call to whatever end.
pub(crate) fn phone(call: &Call<'_>) -> String {
    let refusals: String =
        [401, 400, 403, 404, 408, 410, 480, 484, 486, 487, 488, 500, 501, 502, 503, 600, 603, 604]
            .iter()
            .map(|code| format!("<recv response=\"{code}\" optional=\"true\" next=\"{REFUSED}\"/>\n"))
            .collect();
    let provisional: String = [100, 180, 181, 182, 183]
        .iter()
        .map(|code| format!("<recv response=\"{code}\" optional=\"true\"/>\n"))
        .collect();
    scenario(
        &[
            request(call, "INVITE", 1, "", SDP),
            "<recv response=\"100\" optional=\"true\"/>\n<recv response=\"401\" auth=\"true\"/>\n".into(),
            acknowledge(call, 1),
            request(
                call,
                "INVITE",
                2,
                &format!("[authentication username={} password={SECRET}]\n", call.phone),
                SDP,
            ),
            provisional + &refusals,
            "<recv response=\"200\"/>\n".into(),
            request(call, "ACK", 2, "", ""),
            "<pause/>\n".into(),
            request(call, "BYE", 3, "", ""),
            format!("<recv response=\"200\" next=\"{END}\"/>\n<label id=\"{REFUSED}\"/>\n"),
            acknowledge(call, 2),
            format!("<label id=\"{END}\"/>\n"),
        ]
        .concat(),
    )
}

/// A request of the phone; everything after the INVITE names the far end's tag.
fn request(call: &Call<'_>, method: &str, cseq: u8, extra: &str, body: &str) -> String {
    let to_tag = if method == "INVITE" { "" } else { "[peer_tag_param]" };
    let via = "SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]";
    send(&envelope(call, method, cseq, &format!("Via: {via}"), to_tag, extra, body))
}

/// The ACK of a refusal belongs to the transaction of its INVITE: the same branch.
fn acknowledge(call: &Call<'_>, cseq: u8) -> String {
    send(&envelope(call, "ACK", cseq, "[last_Via:]", "[peer_tag_param]", "", ""))
}

fn envelope(
    call: &Call<'_>,
    method: &str,
    cseq: u8,
    via: &str,
    to_tag: &str,
    extra: &str,
    body: &str,
) -> String {
    let own = || format!("\"{0}\" <sip:{0}@[remote_ip]>", call.phone);
    let (to, from) = (literal(call.to), call.from.as_deref().map_or_else(own, literal));
    let headers: String = call.headers.iter().map(|line| literal(line) + "\n").collect();
    let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\n" };
    format!(
        "{method} sip:{to}@[remote_ip]:[remote_port] SIP/2.0\n{via}\nFrom: {from};tag=[pid]lab[call_number]\n\
         To: <sip:{to}@[remote_ip]:[remote_port]>{to_tag}\nCall-ID: [call_id]\nCSeq: {cseq} {method}\n\
         Contact: <sip:{}@[local_ip]:[local_port]>\nMax-Forwards: 70\n{headers}{extra}{kind}Content-Length: [len]\n\n{body}",
        call.phone
    )
}

/// Text SIPp must not read keywords in.
fn literal(text: &str) -> String {
    text.replace('[', "\\x5B")
}
