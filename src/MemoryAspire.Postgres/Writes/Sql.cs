using Npgsql;
using NpgsqlTypes;

namespace MemoryAspire.Postgres.Writes;

/// <summary>Statements over whole columns: one for any number of rows.</summary>
internal static class Sql
{
    public static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        return command;
    }

    public static NpgsqlParameter<T[]> Column<TRow, T>(IReadOnlyList<TRow> rows, Func<TRow, T> value)
    {
        var column = new T[rows.Count];
        for (var row = 0; row < column.Length; row++) column[row] = value(rows[row]);
        return new() { TypedValue = column };
    }

    public static NpgsqlParameter<string?[]> Json<TRow>(IReadOnlyList<TRow> rows, Func<TRow, string?> value)
    {
        var column = Column(rows, value);
        column.NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb;
        return column;
    }
}
