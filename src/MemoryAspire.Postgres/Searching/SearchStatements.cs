using System.Text.Json;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Postgres.Memories;
using Npgsql;

namespace MemoryAspire.Postgres.Searching;

/// <summary>The statements of a search. Only what a request asks for is in them, so that the planner sees it.</summary>
internal static class SearchStatements
{
    public static NpgsqlBatchCommand Scope(MemorySelection selection, IReadOnlyList<SearchTerm> terms, DateTimeOffset? until, int limit)
    {
        var command = new NpgsqlBatchCommand();
        var parameters = new SqlParameters(command.Parameters);
        var matches = selection.Filter is { } filter ? FilterSql.Write(filter, "m", parameters) : "true";
        if (selection.Kind is not null) throw new ArgumentException("A search names kinds in its filter.", nameof(selection));
        command.CommandText =
            $"""
            {Columns(terms, matches, parameters)}
            from memories m
            where {Present(selection with { Filter = null }, until, parameters)}
            limit {parameters.Number(limit)}
            """;
        return command;
    }

    public static NpgsqlBatchCommand Words(
        MemorySelection selection, IReadOnlyList<SearchTerm> terms, IReadOnlyCollection<MemoryId> others, DateTimeOffset? until, int eachMax)
    {
        var command = new NpgsqlBatchCommand();
        var parameters = new SqlParameters(command.Parameters);
        var present = Present(selection, until, parameters);
        var most = parameters.Number(eachMax);
        var required = string.Concat(terms.Where(term => term.IsRequired).Select(term => $" and m.content_search @@ {parameters.Text(term.Query)}::tsquery"));
        var found = terms.Select(term => $"(select m.partition, m.id from memories m where {present}{required} and m.content_search @@ {parameters.Text(term.Query)}::tsquery limit {most})");
        var named = $"select * from unnest({parameters.Partitions([.. others.Select(id => (short)id.Partition.Value)])}, {parameters.Ids([.. others.Select(id => id.Value)])})";
        command.CommandText =
            $"""
            with found (partition, id) as ({string.Join(" union ", found.Append(named))})
            {Columns(terms, "true", parameters)}
            from found f join memories m on m.partition = f.partition and m.id = f.id
            where {present}
            """;
        return command;
    }

    public static NpgsqlBatchCommand Memories(string tenant, IReadOnlyCollection<MemoryId> ids, string? vectorsOf)
    {
        var command = new NpgsqlBatchCommand();
        var parameters = new SqlParameters(command.Parameters);
        var vectors = vectorsOf is null
            ? ""
            : $"left join memory_vectors v on v.partition = m.partition and v.id = m.id and v.vector_version = m.vector_version and v.model = {parameters.Text(vectorsOf)}";
        command.CommandText =
            $"""
            select {MemoryRows.Columns}, {(vectorsOf is null ? "null::bytea" : "v.embedding")}
            from unnest({parameters.Partitions([.. ids.Select(id => (short)id.Partition.Value)])}, {parameters.Ids([.. ids.Select(id => id.Value)])}) a (partition, id)
            join memories m on m.partition = a.partition and m.id = a.id {vectors}
            where m.tenant = {parameters.Text(tenant)} and (m.expires_at is null or m.expires_at > now())
            """;
        return command;
    }

    public static NpgsqlBatchCommand Vocabulary(MemorySelection selection, int limit)
    {
        var command = new NpgsqlBatchCommand();
        var parameters = new SqlParameters(command.Parameters);
        command.CommandText =
            $"""
            select distinct w.lexeme from memories m cross join unnest(m.content_search) w
            where {SelectionSql.Present(selection with { Filter = null }, parameters)}
            limit {parameters.Number(limit)}
            """;
        return command;
    }

    public static NpgsqlBatchCommand Estimate(MemorySelection selection, SearchTerm? term)
    {
        var command = new NpgsqlBatchCommand();
        var parameters = new SqlParameters(command.Parameters);
        var present = SelectionSql.Present(selection, parameters);
        if (term is { } one) present += $" and m.content_search @@ {parameters.Text(one.Query)}::tsquery";
        command.CommandText = $"explain (format json) select 1 from memories m where {present}";
        return command;
    }

    public static async Task<double> ReadEstimateAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken);
        return JsonElement.Parse(reader.GetString(0))[0].GetProperty("Plan").GetProperty("Plan Rows").GetDouble();
    }

    private static string Present(MemorySelection selection, DateTimeOffset? until, SqlParameters parameters) =>
        SelectionSql.Present(selection, parameters) + (until is { } last ? $" and m.created_at <= {parameters.Time(last)}" : "");

    /// <summary>Each term is ranked by itself: how much it tells is not PostgreSQL's to say.</summary>
    private static string Columns(IReadOnlyList<SearchTerm> terms, string matches, SqlParameters parameters)
    {
        var ranks = "null::real[]";
        if (terms.Count > 0)
        {
            var queries = terms.Select(term => (Sql: $"{parameters.Text(term.Query)}::tsquery", term.IsRequired)).ToList();
            var any = $"{parameters.Text(string.Join(" | ", terms.Select(term => $"({term.Query})")))}::tsquery";
            var required = string.Concat(queries.Where(query => query.IsRequired).Select(query => $" and m.content_search @@ {query.Sql}"));
            ranks = $"case when m.content_search @@ {any}{required} then array[{string.Join(", ", queries.Select(query => $"ts_rank(m.content_search, {query.Sql})"))}] end";
        }

        return
            $"""
            select m.id, m.version, m.vector_version is not null, hash_record_extended(row(m."user", m.agent, m.session), 0), m.created_at, m.position,
                m.updated_at, m.importance, {matches}, length(m.content_search), {ranks}
            """;
    }
}
