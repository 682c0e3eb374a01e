using Npgsql;

namespace MemoryAspire.Postgres.Searching;

/// <summary>One thing to look for: a word's stem, the beginning of a word, or a phrase.</summary>
/// <param name="Query">As PostgreSQL writes a <c>tsquery</c>.</param>
/// <param name="IsRequired">A memory without it is no match.</param>
public readonly record struct SearchTerm(string Query, bool IsRequired);

/// <summary>Splits a query's text as the contents were split.</summary>
public sealed class SearchTerms(NpgsqlDataSource dataSource, SearchLanguage language)
{
    /// <summary>More would cost more than they tell: the rest of a long text is left out.</summary>
    private const int CountMax = 32;

    private const int CachedMax = 4096;

    // What a text is split into never changes while a process runs. A full cache begins anew.
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, IReadOnlyList<SearchTerm>> _known = new(StringComparer.Ordinal);

    /// <summary>The terms of a text, in one order always; none when it has nothing but words that say nothing.</summary>
    public async ValueTask<IReadOnlyList<SearchTerm>> OfAsync(string text, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(text, out var known)) return known;
        var terms = await ReadAsync(QueryText.Parse(text), cancellationToken);
        if (_known.Count >= CachedMax) _known.Clear();
        _known[text] = terms;
        return terms;
    }

    private async Task<IReadOnlyList<SearchTerm>> ReadAsync(QueryText text, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            select t.query::text, bool_or(t.required) from (
                select ('''' || replace(replace(w.lexeme, '\', '\\'), '''', '''''') || '''')::tsquery as query, false as required
                from unnest(to_tsvector($1::text::regconfig, $2)) w
                union all
                select to_tsquery($1::text::regconfig, '''' || replace(replace(p, '\', '\\'), '''', '''''') || ''':*'), false from unnest($3) p
                union all
                select phraseto_tsquery($1::text::regconfig, p), true from unnest($4) p) t
            where numnode(t.query) > 0
            group by t.query
            order by bool_or(t.required) desc, length(t.query::text) desc, t.query::text
            limit $5
            """);
        command.Parameters.Add(new() { Value = language.Name });
        command.Parameters.Add(new() { Value = text.Words });
        command.Parameters.Add(new() { Value = text.Prefixes.ToArray() });
        command.Parameters.Add(new() { Value = text.Phrases.ToArray() });
        command.Parameters.Add(new() { Value = (long)CountMax });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var terms = new List<SearchTerm>();
        while (await reader.ReadAsync(cancellationToken)) terms.Add(new SearchTerm(reader.GetString(0), reader.GetBoolean(1)));
        return terms;
    }
}
