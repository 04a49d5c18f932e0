"""Wrong connectors, each with the one test of the contract that must find it out."""

from tests.contract.wrong import bodies, manners, people, sessions

WRONG = {
    people.NumberInAPlainField: "test_every_field_is_classified",
    people.AddressForgotten: "test_every_field_is_classified",
    people.UndeclaredRecord: "test_every_operation_answers",
    people.OwnNumberAsIdentity: "test_known_person",
    people.NobodyIsAnError: "test_unknown_person",
    people.FirstRowOnly: "test_duplicate_person",
    people.ChangedByReading: "test_cache_round_trip",
    sessions.TriesThePasswordTwice: "test_wrong_credentials",
    sessions.KeepsPages: "test_expiry_mid_exchange",
    sessions.SignsInItself: "test_concurrent_expiry",
    sessions.LosesStoredSessions: "test_stored_session",
    sessions.PageIsNobody: "test_login_page_with_200",
    sessions.TrustsItsClock: "test_clock_skew",
    bodies.WaitsForAnHour: "test_slow_drip",
    bodies.BlankIsNobody: "test_oversized_body",
    bodies.HalfIsNobody: "test_truncated_body",
    bodies.NoiseIsNobody: "test_garbage",
    bodies.TrustsTheCharset: "test_wrong_charset",
    bodies.GuessesCharacters: "test_mojibake",
    bodies.CommonNamesOnly: "test_four_byte_names",
    manners.RedirectIsExpiry: "test_redirect_elsewhere",
    manners.QuotaIsNobody: "test_too_many_requests",
    manners.OverlooksErrors: "test_business_error_in_200",
    manners.QuotesTheSystem: "test_no_citizen_id_in_exceptions",
    manners.SignsOutElsewhere: "test_only_base_url",
}
