-- Personal data is compared by its digest: a difference is shown to people.
latest AS (
    SELECT substr(e.stream, length('account-') + 1) AS id, e.partition,
           max(e.position) AS position, max(e.version) AS version,
           min(e.recorded_at) FILTER (WHERE e.version = 1) AS created_at,
           (array_agg(e.recorded_at ORDER BY e.version DESC))[1] AS updated_at,
           bool_or(e.type = 'account.erased') AS erased,
           (array_agg(e.data->>'email' ORDER BY e.version DESC)
            FILTER (WHERE e.type IN ('account.registered', 'account.email_changed')))[1] AS email,
           (array_agg(e.data->>'name' ORDER BY e.version DESC)
            FILTER (WHERE e.type IN ('account.registered', 'account.profile_updated')))[1] AS name
    FROM seen AS e
    WHERE e.stream LIKE 'account-%'
    GROUP BY e.stream, e.partition
),
expected AS (
    SELECT l.id AS key,
           ARRAY[md5(l.email), md5(l.name), l.version::text, l.created_at::text,
                 l.updated_at::text, l.partition::text, l.position::text] AS value
    FROM latest AS l
    WHERE NOT l.erased
),
found AS (
    SELECT a.id AS key,
           ARRAY[md5(a.email), md5(a.name), a.version::text, a.created_at::text,
                 a.updated_at::text, a.partition::text, a.position::text] AS value
    FROM skald_read.accounts_vN AS a
)
