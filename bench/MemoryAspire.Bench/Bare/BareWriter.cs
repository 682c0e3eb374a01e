using System.Text;
using MemoryAspire.Bench.Load;
using Npgsql;
using NpgsqlTypes;

namespace MemoryAspire.Bench.Bare;

/// <summary>Inserts with one round trip per transaction: a prepared statement, or several of them in one batch.</summary>
internal sealed class BareWriter : IAsyncDisposable
{
    private const string Insert =
        """
        insert into bare_memories (
            partition, id, tenant, "user", kind, content, metadata, importance, version, created_at, updated_at, embedding)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11)
        """;

    private readonly NpgsqlConnection _connection;
    private readonly MemoryBodies _bodies;
    private readonly Random _random;
    private readonly Row[] _rows;
    private readonly NpgsqlBatch _batch;

    private BareWriter(NpgsqlConnection connection, MemoryBodies bodies, Random random, int rows)
    {
        _connection = connection;
        _bodies = bodies;
        _random = random;
        _rows = [.. Enumerable.Range(0, rows).Select(_ => new Row())];
        _batch = new NpgsqlBatch(connection);
        foreach (var row in _rows) _batch.BatchCommands.Add(row.Command(Insert));
    }

    public static async Task<BareWriter> OpenAsync(NpgsqlConnection connection, MemoryBodies bodies, Random random, int rows)
    {
        var writer = new BareWriter(connection, bodies, random, rows);
        writer.Fill();
        await writer._batch.PrepareAsync();
        return writer;
    }

    /// <summary>One transaction: PostgreSQL takes what one round trip brings as one.</summary>
    public async Task<bool> WriteAsync()
    {
        Fill();
        return await _batch.ExecuteNonQueryAsync() == _rows.Length;
    }

    public async ValueTask DisposeAsync()
    {
        await _batch.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private void Fill()
    {
        foreach (var row in _rows) row.Fill(_bodies, _random);
    }

    private sealed class Row
    {
        private static readonly byte[] Metadata = "{\"topic\":\"benchmark\",\"tags\":[\"load\"]}"u8.ToArray();

        private readonly NpgsqlParameter<short> _partition = new();
        private readonly NpgsqlParameter<Guid> _id = new();
        private readonly NpgsqlParameter<string> _user = new();
        private readonly NpgsqlParameter<string> _content = new();
        private readonly NpgsqlParameter<DateTimeOffset> _at = new();
        private readonly NpgsqlParameter<byte[]> _embedding = new();

        public NpgsqlBatchCommand Command(string sql) => new(sql)
        {
            Parameters =
            {
                _partition, _id, new NpgsqlParameter<string> { TypedValue = "default" }, _user, new NpgsqlParameter<string> { TypedValue = "episodic" }, _content,
                new NpgsqlParameter<byte[]> { TypedValue = Metadata, NpgsqlDbType = NpgsqlDbType.Jsonb }, new NpgsqlParameter<double> { TypedValue = 0.5 },
                new NpgsqlParameter<long> { TypedValue = 1 }, _at, _embedding,
            },
        };

        public void Fill(MemoryBodies bodies, Random random)
        {
            var now = TimeProvider.System.GetUtcNow();
            _partition.TypedValue = (short)random.Next(256);
            _id.TypedValue = Guid.CreateVersion7(now);
            _user.TypedValue = MemoryBodies.User(random);
            _content.TypedValue = Encoding.ASCII.GetString(bodies.Content(random));
            _at.TypedValue = now;
            _embedding.TypedValue = bodies.Vector(random);
        }
    }
}
