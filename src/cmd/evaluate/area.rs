//! Where people are labelled, from the command line.

use crate::cmd::Failure;
use crate::evaluation::LabelledArea;

/// The part of the picture or of the floor that the ground truth covers.
#[derive(Debug, clap::Args)]
pub struct AreaArgs {
    /// Polygon in pixels in which people are labelled: 'x,y x,y x,y ...'. A result whose foot point is outside and which
    /// is nobody labelled is left out.
    #[arg(long, value_name = "POLYGON", allow_hyphen_values = true, conflicts_with = "world_region")]
    region: Option<String>,
    /// As --region, in floor metres: 'xmin,ymin,xmax,ymax'.
    #[arg(long, value_name = "RECTANGLE", allow_hyphen_values = true, requires = "homography")]
    world_region: Option<String>,
    /// Nine numbers, row by row, that take pixels to floor metres: 'h11,h12,...,h33'.
    #[arg(long, value_name = "MATRIX", allow_hyphen_values = true, requires = "world_region")]
    homography: Option<String>,
}

impl AreaArgs {
    /// The area, where one is given.
    ///
    /// # Errors
    /// Numbers that make no area.
    pub fn labelled_area(&self) -> Result<Option<LabelledArea>, Failure> {
        if let Some(text) = &self.region {
            let corners: Option<Vec<(f64, f64)>> =
                text.split_whitespace().map(|corner| numbers::<2>(corner).map(|[x, y]| (x, y))).collect();
            let corners = corners.filter(|corners| corners.len() >= 3);
            let fault =
                || Failure::Usage(format!("--region `{text}`: at least three corners `x,y`, separated by spaces"));
            return corners.ok_or_else(fault).map(|corners| Some(LabelledArea::Pixels(corners)));
        }
        let (Some(region), Some(matrix)) = (&self.world_region, &self.homography) else { return Ok(None) };
        let bounds = numbers::<4>(region).filter(|[left, low, right, high]| left < right && low < high);
        let bounds = bounds.ok_or_else(|| Failure::Usage(format!("--world-region `{region}`: xmin,ymin,xmax,ymax")))?;
        let homography =
            numbers::<9>(matrix).ok_or_else(|| Failure::Usage(format!("--homography `{matrix}`: nine numbers")))?;
        Ok(Some(LabelledArea::Floor { homography, bounds }))
    }
}

/// Exactly `N` finite numbers, separated by commas.
fn numbers<const N: usize>(text: &str) -> Option<[f64; N]> {
    let values: Option<Vec<f64>> =
        text.split(',').map(|value| value.trim().parse().ok().filter(|value: &f64| value.is_finite())).collect();
    values?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_counted() {
        assert_eq!(numbers::<2>("1, -2.5"), Some([1.0, -2.5]));
        for text in ["1", "1,2,3", "1,x", "1,inf", ""] {
            assert_eq!(numbers::<2>(text), None, "{text}");
        }
    }
}
