"""People as the gateway knows them: opaque tokens, merging by identity, the committee's directory."""
