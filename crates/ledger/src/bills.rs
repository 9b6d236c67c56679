//! SBOMs retained with the image that they are about: also when the image is gone, and for a term.
//!
//! They are derived from the image's bytes and can be made again while it is there, so they are in no chain, and what is
//! older than the term goes. A document of an image is kept once; reading it again only moves when it was seen last.

use crate::conn::{Arg, Conn, Row};
use crate::error::LedgerError;
use crate::observation::milliseconds;
use crate::store::Store;
use jiff::Timestamp;
use model::{Digest, Subject};
use std::io::Read;

/// The largest document that is kept, in bytes.
pub const LARGEST_BILL: usize = 256 << 20;
/// How hard documents are packed: whoever reads an image waits for it.
const LEVEL: i32 = 3;

const PUT: &str = "INSERT INTO bills (subject, document, kind, target, platform, form, maker, first, last, size, content) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10) ON CONFLICT (subject, document) DO UPDATE SET \
                   target = excluded.target, maker = excluded.maker, \
                   last = CASE WHEN excluded.last > bills.last THEN excluded.last ELSE bills.last END";
const FRESH: &str = "SELECT 1 FROM bills WHERE subject = $1 AND target = $2 AND maker = $3 AND last >= $4 LIMIT 1";
const EXPIRE: &str = "DELETE FROM bills WHERE last < $1";
/// By image the one that was seen last, and of those seen at the same time any one, always the same.
const LIST: &str = "SELECT b.subject, b.document, b.kind, b.target, b.platform, b.form, b.first, b.last, b.size \
                    FROM bills b WHERE NOT EXISTS (SELECT 1 FROM bills n WHERE n.subject = b.subject AND \
                    (n.last > b.last OR (n.last = b.last AND n.document > b.document))) \
                    ORDER BY b.target, b.platform, b.subject";
const CONTENT: &str = "SELECT content, size FROM bills WHERE subject = $1 AND document = $2";

/// An SBOM to be retained.
#[derive(Clone, Copy, Debug)]
pub struct NewBill<'b> {
    /// What it is about.
    pub subject: &'b Subject,
    /// What that was called when it was read.
    pub target: &'b str,
    /// The platform it is for.
    pub platform: &'b str,
    /// The document's form: `cyclonedx-json@1.6`.
    pub form: &'b str,
    /// What made it, so that the same image under the same name gives the same document.
    pub maker: &'b str,
    /// The document.
    pub document: &'b [u8],
}

/// A retained SBOM, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// The digest of the image.
    pub subject: String,
    /// The digest of the document.
    pub document: String,
    /// What the image's digest is of: `manifest` or `config`.
    pub kind: String,
    /// What the image was called when it was read last.
    pub target: String,
    /// The platform it is for.
    pub platform: String,
    /// The document's form.
    pub form: String,
    /// When this document was made first.
    pub first: Timestamp,
    /// When the image was read last, and gave this document.
    pub last: Timestamp,
    /// In bytes.
    pub size: u64,
}

impl Store {
    /// Retains a document, and lets those go that were seen last before `until`.
    ///
    /// # Errors
    /// [`LedgerError::Invalid`] for one that is too large; else what the database says.
    pub async fn retain(&mut self, bill: NewBill<'_>, now: Timestamp, until: Timestamp) -> Result<(), LedgerError> {
        let invalid = |why| LedgerError::Invalid { repository: bill.target.to_owned(), why };
        if bill.document.len() > LARGEST_BILL {
            return Err(invalid("its SBOM is larger than what is retained"));
        }
        let packed = zstd::bulk::compress(bill.document, LEVEL).map_err(|_| invalid("its SBOM cannot be packed"))?;
        let (subject, document) = (bill.subject.digest().to_string(), Digest::of(bill.document).to_string());
        let size = i64::try_from(bill.document.len()).unwrap_or(i64::MAX);
        let args = [
            Arg::Text(&subject),
            Arg::Text(&document),
            Arg::Text(bill.subject.kind()),
            Arg::Text(bill.target),
            Arg::Text(bill.platform),
            Arg::Text(bill.form),
            Arg::Text(bill.maker),
            Arg::Int(now.as_millisecond()),
            Arg::Int(size),
            Arg::Bytes(&packed),
        ];
        let work = async |conn: &mut Conn| {
            conn.execute(PUT, &args).await.map_err(LedgerError::at("retain an SBOM"))?;
            let until = Arg::Int(until.as_millisecond());
            conn.execute(EXPIRE, &[until]).await.map_err(LedgerError::at("let old SBOMs go"))
        };
        self.conn.writing("retain an SBOM", work).await
    }

    /// Whether a document of that image, under that name and of that maker, was retained or seen again since then, so
    /// that it need not be made to be retained.
    ///
    /// # Errors
    /// What the database says.
    pub async fn has_bill(
        &mut self,
        subject: &Subject,
        target: &str,
        maker: &str,
        since: Timestamp,
    ) -> Result<bool, LedgerError> {
        let digest = subject.digest().to_string();
        let args = [Arg::Text(&digest), Arg::Text(target), Arg::Text(maker), Arg::Int(since.as_millisecond())];
        let row = self.conn.row(FRESH, &args).await.map_err(LedgerError::at("look for a retained SBOM"))?;
        Ok(row.is_some())
    }

    /// The last document of every image, by what the images were called.
    ///
    /// # Errors
    /// What the database says.
    pub async fn bills(&mut self) -> Result<Vec<Bill>, LedgerError> {
        let rows = self.conn.rows(LIST, &[]).await.map_err(LedgerError::at("list retained SBOMs"))?;
        Ok(rows.iter().map(bill).collect())
    }

    /// A retained document; `None` if it went meanwhile. Its bytes have the digest that it is kept under.
    ///
    /// # Errors
    /// [`LedgerError::Invalid`] if what is there is not what was retained; else what the database says.
    pub async fn bill(&mut self, bill: &Bill) -> Result<Option<Vec<u8>>, LedgerError> {
        let args = [Arg::Text(&bill.subject), Arg::Text(&bill.document)];
        let row = self.conn.row(CONTENT, &args).await.map_err(LedgerError::at("read a retained SBOM"))?;
        let Some(row) = row else { return Ok(None) };
        let invalid = || LedgerError::Altered { subject: bill.subject.clone() };
        let mut plain = Vec::new();
        let packed = row.bytes(0);
        let reader = zstd::stream::read::Decoder::new(packed.as_slice()).map_err(|_| invalid())?;
        reader.take(LARGEST_BILL as u64 + 1).read_to_end(&mut plain).map_err(|_| invalid())?;
        if Digest::of(&plain).to_string() == bill.document { Ok(Some(plain)) } else { Err(invalid()) }
    }
}

fn bill(row: &Row) -> Bill {
    Bill {
        subject: row.text(0),
        document: row.text(1),
        kind: row.text(2),
        target: row.text(3),
        platform: row.text(4),
        form: row.text(5),
        first: milliseconds(row.int(6)),
        last: milliseconds(row.int(7)),
        size: row.count(8),
    }
}
