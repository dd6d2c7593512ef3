//! How numbers are written in one country, as extensions of a dialplan.

use domain::E164;
use routing::tables::Country;

/// The ways a carrier of this country may write a number of it: with the trunk prefix, and without anything. Only those the
/// router reads as this number.
pub(super) fn national_forms(country: &Country, number: E164) -> Vec<String> {
    let international = number.to_string();
    let Some(national) = international.strip_prefix(country.calling_code.as_str()) else { return Vec::new() };
    let with_trunk = country.trunk_prefix.map(|trunk| format!("{trunk}{national}"));
    let forms = with_trunk.into_iter().chain([national.to_owned()]);
    forms.filter(|form| country.dial_rules().normalise(form).ok() == Some(number)).collect()
}

/// The ways people of a country dial, each with the expression for the international number. Patterns that end in `!`
/// match any tail, so everything but digits is dropped before it can reach the Dial.
pub(super) fn patterns(country: &Country) -> Vec<(String, String)> {
    let code = country.calling_code;
    let international = country.international_prefix.as_str();
    let mut patterns = vec![
        (format!("_{international}XXXXXX!"), format!("${{FILTER(0-9,${{EXTEN:{}}})}}", international.len())),
        ("_+XXXXXXX!".to_owned(), "${FILTER(0-9,${EXTEN:1})}".to_owned()),
    ];
    for digits in country.national_digits_min..=country.national_digits_max {
        let national = "X".repeat(usize::from(digits));
        patterns.push((format!("_{code}{national}"), "${EXTEN}".to_owned()));
        if let Some(trunk) = country.trunk_prefix.filter(|trunk| *trunk != code) {
            let length = trunk.as_str().len();
            patterns.push((format!("_{trunk}{national}"), format!("{code}${{EXTEN:{length}}}")));
        }
    }
    patterns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_national_form_that_means_another_number_is_left_out() {
        let country = |trunk: &str, min, max| Country {
            id: domain::CountryId(1),
            iso: "GB".parse().unwrap(),
            name: String::new(),
            calling_code: "44".parse().unwrap(),
            trunk_prefix: Some(trunk.parse().unwrap()),
            international_prefix: "00".parse().unwrap(),
            national_digits_min: min,
            national_digits_max: max,
        };
        let number = "442079460101".parse().unwrap();
        assert_eq!(national_forms(&country("0", 10, 10), number), ["02079460101", "2079460101"]);
        // Without the trunk prefix it starts like a number with one.
        assert_eq!(national_forms(&country("2", 10, 10), number), ["22079460101"]);
        // No number of this plan has so many digits.
        assert_eq!(national_forms(&country("0", 9, 9), number), [""; 0]);
        assert_eq!(national_forms(&country("0", 10, 10), "12025550101".parse().unwrap()), [""; 0]);
    }
}
