using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace MemoryAspire.Postgres.Memories;

/// <summary>Values of a statement that is put together: each goes in as a parameter, and its place comes back.</summary>
internal sealed class SqlParameters(NpgsqlParameterCollection parameters)
{
    public string Text(string value) => Add(value, NpgsqlDbType.Text);

    public string Texts(string[] value) => Add(value, NpgsqlDbType.Array | NpgsqlDbType.Text);

    public string Json(string value) => Add(value, NpgsqlDbType.Jsonb);

    public string Jsons(string[] value) => Add(value, NpgsqlDbType.Array | NpgsqlDbType.Jsonb);

    public string Time(DateTimeOffset value) => Add(value, NpgsqlDbType.TimestampTz);

    public string Times(DateTimeOffset[] value) => Add(value, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz);

    public string Number(long value) => Add(value, NpgsqlDbType.Bigint);

    public string Numbers(long[] value) => Add(value, NpgsqlDbType.Array | NpgsqlDbType.Bigint);

    public string Ids(Guid[] value) => Add(value, NpgsqlDbType.Array | NpgsqlDbType.Uuid);

    public string Id(Guid value) => Add(value, NpgsqlDbType.Uuid);

    public string Partitions(short[] value) => Add(value, NpgsqlDbType.Array | NpgsqlDbType.Smallint);

    private string Add(object value, NpgsqlDbType type)
    {
        parameters.Add(new() { Value = value, NpgsqlDbType = type });
        return string.Create(CultureInfo.InvariantCulture, $"${parameters.Count}");
    }
}
